import type { PipelineConfig } from '@at/contracts/pipeline-config';
import { Text, Title } from '@mantine/core';
import { ConfigField, zoneOptions } from './config-field.tsx';
import { changeForm, type Draft, type Section, sections, valueAt, withValue } from './draft.ts';
import styles from './pipeline-config.module.css';

type Props = {
  config: PipelineConfig;
  /** Of `config`. */
  etag: string;
  /** What the draft changes. */
  values: Draft;
  /** Why values cannot be saved, by key. */
  faults: Record<string, string>;
  onChange: (key: string) => void;
};

function Fields({ section: { fields }, config, etag, values, faults, onChange }: Props & { section: Section }) {
  return (
    <div className={styles.fields}>
      {fields.map((field) => {
        const { key } = field;
        const saved = valueAt(config, key);
        return (
          <ConfigField
            key={key}
            field={field}
            value={key in values ? values[key] : saved}
            saved={saved}
            error={faults[key]}
            onChange={(value) => {
              changeForm(etag, (before) => withValue(before, key, value, config));
              onChange(key);
            }}
          />
        );
      })}
    </div>
  );
}

/** Every value of the schema, by section. */
export function ConfigForm(props: Props) {
  const shown = sections.map((section) => (
    <section key={section.key} className={styles.section} aria-labelledby={`section-${section.key}`}>
      <Title order={2} id={`section-${section.key}`}>
        {section.label}
      </Title>
      <Text size="sm" c="dimmed">
        {section.help}
      </Text>
      <Fields {...props} section={section} />
      {section.sections.map((inner) => (
        <section key={inner.key} aria-labelledby={`section-${inner.key}`}>
          <Title order={3} id={`section-${inner.key}`} mt="md">
            {inner.label}
          </Title>
          <Text size="sm" c="dimmed">
            {inner.help}
          </Text>
          <Fields {...props} section={inner} />
        </section>
      ))}
    </section>
  ));
  return (
    <>
      {shown}
      {zoneOptions}
    </>
  );
}
