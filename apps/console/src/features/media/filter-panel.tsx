import { mediaTypes, pipelineStatuses, rejectionStatuses, rssSources } from '@at/contracts/vocabulary';
import { Button, Group, MultiSelect, NativeSelect, NumberInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { mediaTexts as texts } from '#shared/texts/media.ts';
import type { ChangeView } from '#shared/use-view.ts';
import styles from './filter-bar.module.css';
import { countFilters, type MediaView, withoutFilters, years } from './filters.ts';

const { filterNames } = texts;

const options = (choices: Record<string, string>) =>
  Object.entries(choices).map(([value, label]) => ({ value, label }));

const choices = [
  { name: 'error_status', data: options(texts.errorChoices) },
  {
    name: 'rejection_status',
    data: options({
      all: texts.all,
      ...Object.fromEntries(rejectionStatuses.map((status) => [status, texts.rejection[status].name])),
    }),
  },
  {
    name: 'media_type',
    data: options({ all: texts.all, ...Object.fromEntries(mediaTypes.map((type) => [type, texts.type[type]])) }),
  },
  { name: 'deleted', data: options(texts.deletedChoices) },
] as const;

const statusOptions = pipelineStatuses.map((value) => ({ value, label: texts.status[value].name }));

function Years({ view, onChange }: { view: MediaView; onChange: ChangeView<MediaView> }) {
  const given = [view.release_year_min, view.release_year_max] as const;
  const [values, setValues] = useState<(number | string)[]>(() => given.map((bound) => bound ?? ''));
  const shown = given.join();
  useEffect(() => setValues(shown.split(',').map((bound) => (bound === '' ? '' : Number(bound)))), [shown]);
  const apply = useDebouncedCallback((wanted: (number | string)[]) => {
    const [from, to] = wanted.map((bound) => (typeof bound === 'number' ? bound : null));
    onChange({ release_year_min: from ?? null, release_year_max: to ?? null }, { replace: true });
  }, 400);
  return (
    <fieldset className={styles.range}>
      <legend>{filterNames.year}</legend>
      <div className={styles.bounds}>
        {[texts.yearAtLeast, texts.yearAtMost].map((name, index) => (
          <NumberInput
            key={name}
            aria-label={name}
            placeholder={index === 0 ? texts.from : texts.to}
            {...years}
            hideControls
            value={values[index] ?? ''}
            onChange={(value) => {
              const next = values.with(index, value);
              setValues(next);
              apply(next);
            }}
          />
        ))}
      </div>
    </fieldset>
  );
}

/** Every filter of the page. */
export function FilterPanel({ view, onChange }: { view: MediaView; onChange: ChangeView<MediaView> }) {
  return (
    <section className={styles.panel} aria-label={texts.filterPanel}>
      <MultiSelect
        className={styles.wide ?? ''}
        label={filterNames.pipeline_status}
        placeholder={view.pipeline_status.length > 0 ? '' : texts.any}
        searchable
        clearable
        value={view.pipeline_status}
        onChange={(values) => onChange({ pipeline_status: pipelineStatuses.filter((one) => values.includes(one)) })}
        data={statusOptions}
      />
      {choices.map(({ name, data }) => (
        <NativeSelect
          key={name}
          label={filterNames[name]}
          value={view[name]}
          onChange={(event) => onChange({ [name]: event.currentTarget.value })}
          data={data}
        />
      ))}
      <MultiSelect
        label={filterNames.rss_source}
        placeholder={view.rss_source.length > 0 ? '' : texts.any}
        clearable
        value={view.rss_source}
        onChange={(values) => onChange({ rss_source: rssSources.filter((one) => values.includes(one)) })}
        data={[...rssSources]}
      />
      <Years view={view} onChange={onChange} />
      <Group className={styles.end ?? ''} gap="xs">
        {view.updated_at_min !== null && (
          <Button size="compact-sm" variant="default" onClick={() => onChange({ updated_at_min: null })}>
            {texts.whenever}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          disabled={countFilters(view) === 0}
          onClick={() => onChange(withoutFilters(view))}
        >
          {texts.clearFilters}
        </Button>
      </Group>
    </section>
  );
}
