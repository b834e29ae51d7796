import { type ConfigPreset, deleteConfigPreset, saveConfigPreset } from '@at/contracts/pipeline-config';
import { Group, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useRevalidator } from 'react-router';
import { call } from '#api/call.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { keysOf } from './draft.ts';
import styles from './pipeline-config.module.css';
import { configTexts, shownValue } from './texts.ts';

const texts = configTexts.presets;

function Preset({
  preset: { name, description, own, values },
  refusal,
  onUse,
  onDelete,
}: {
  preset: ConfigPreset;
  refusal: string | undefined;
  onUse: () => void;
  onDelete: () => void;
}) {
  return (
    <section className={styles.section} aria-label={name}>
      <Group justify="space-between" gap="sm">
        <div>
          <Title order={2}>{name}</Title>
          <Text size="sm" c="dimmed">
            {[own && texts.own, description].filter(Boolean).join(': ')}
          </Text>
        </div>
        <Group gap="xs">
          {own && (
            <ReasonButton size="xs" reason={refusal} aria-label={texts.deleteNamed(name)} onClick={onDelete}>
              {texts.delete}
            </ReasonButton>
          )}
          <ReasonButton size="xs" reason={refusal} aria-label={texts.useNamed(name)} onClick={onUse}>
            {texts.use}
          </ReasonButton>
        </Group>
      </Group>
      <ul className={styles.changes}>
        {keysOf(values).map(([key, value]) => (
          <li key={key}>
            <code>{key}</code> <strong>{shownValue(key, value)}</strong>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Values that belong together: they fill the form. */
export function Presets({
  presets,
  refusal,
  onUse,
}: {
  presets: ConfigPreset[];
  refusal: string | undefined;
  onUse: (preset: ConfigPreset) => void;
}) {
  const { revalidate } = useRevalidator();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const save = async (body: { name: string; description: string; values?: Record<string, unknown> }) => {
    try {
      await call(saveConfigPreset, { body });
      notify(texts.saved(body.name.trim()));
      setName('');
      setDescription('');
      await revalidate();
    } catch (error) {
      notifyError(texts.notSaved, error);
    }
  };
  const remove = async (preset: ConfigPreset) => {
    try {
      await call(deleteConfigPreset, { params: { name: preset.name } });
      const { own: _, ...again } = preset;
      notify(texts.deleted(preset.name), () => void save(again));
      await revalidate();
    } catch (error) {
      notifyError(texts.notDeleted, error);
    }
  };
  return (
    <>
      {presets.map((preset) => (
        <Preset
          key={preset.name}
          preset={preset}
          refusal={refusal}
          onUse={() => onUse(preset)}
          onDelete={() => void remove(preset)}
        />
      ))}
      <section className={styles.section} aria-labelledby="save-preset">
        <Title order={2} id="save-preset">
          {texts.save}
        </Title>
        <Text size="sm" c="dimmed">
          {texts.saveHint}
        </Text>
        <div className={styles.fields}>
          <TextInput
            label={texts.name}
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={texts.description}
            maxLength={500}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
        </div>
        <ReasonButton
          mt="md"
          reason={refusal ?? (name.trim() === '' ? texts.noName : undefined)}
          onClick={() => void save({ name, description })}
        >
          {texts.save}
        </ReasonButton>
      </section>
    </>
  );
}
