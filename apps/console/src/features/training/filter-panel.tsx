import { genres, mediaTypes } from '@at/contracts/vocabulary';
import { Button, Group, MultiSelect, NativeSelect, NumberInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { formatCountry, formatLanguage, formatWord } from '#shared/format.ts';
import styles from './filter-bar.module.css';
import { backlogOf, ranges, type TrainingView, withoutFilters } from './filters.ts';

type Change = (changes: Partial<TrainingView>, options?: { replace?: boolean }) => void;

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const pairs = letters.flatMap((first) => letters.map((second) => first + second));

/** The codes that have a name in the user's language, by that name. */
function named(codes: string[], name: (code: string) => string) {
  return codes
    .map((value) => ({ value, label: name(value) }))
    .filter(({ value, label }) => label.toLowerCase() !== value.toLowerCase())
    .sort((a, b) => a.label.localeCompare(b.label));
}

const countries = named(
  pairs.map((code) => code.toUpperCase()),
  formatCountry,
);
const languages = named(pairs, formatLanguage);

function Range({
  range: { column, name, min, max },
  view,
  onChange,
}: {
  range: (typeof ranges)[number];
  view: TrainingView;
  onChange: Change;
}) {
  const ends = [`${column}_min`, `${column}_max`] as const;
  const [values, setValues] = useState<(number | string)[]>(() => ends.map((end) => view.bounds[end] ?? ''));
  const given = ends.map((end) => view.bounds[end] ?? '').join();
  useEffect(() => setValues(ends.map((end) => view.bounds[end] ?? '')), [given]);
  const apply = useDebouncedCallback((wanted: (number | string)[]) => {
    const { [ends[0]]: _min, [ends[1]]: _max, ...others } = view.bounds;
    const set = ends.flatMap((end, index) => (typeof wanted[index] === 'number' ? [[end, wanted[index]]] : []));
    onChange({ bounds: { ...others, ...Object.fromEntries(set) } }, { replace: true });
  }, 400);
  return (
    <fieldset className={styles.range}>
      <legend>{name}</legend>
      <div className={styles.bounds}>
        {ends.map((end, index) => (
          <NumberInput
            key={end}
            size="sm"
            aria-label={`${name} ${index === 0 ? 'at least' : 'at most'}`}
            placeholder={index === 0 ? 'from' : 'to'}
            min={min}
            max={max}
            step={max <= 1 ? 0.05 : 1}
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

const choices = {
  reviewed: { label: 'Reviewed', options: { false: 'unreviewed', true: 'reviewed', all: 'all' } },
  label: {
    label: 'Label',
    options: { all: 'all', would_watch: 'would watch', would_not_watch: 'would not watch', none: 'unlabelled' },
  },
  anomalous: { label: 'Anomalous', options: { all: 'all', true: 'yes', false: 'no' } },
  media_type: {
    label: 'Type',
    options: Object.fromEntries(['all', ...mediaTypes].map((type) => [type, formatWord(type)])),
  },
} satisfies { [K in keyof TrainingView]?: { label: string; options: Record<string, string> } };

const lists = [
  { name: 'genre', label: 'Genre', data: [...genres] },
  { name: 'origin_country', label: 'Country', data: countries },
  { name: 'original_language', label: 'Language', data: languages },
] as const;

/** Every filter of the page. */
export function FilterPanel({ view, onChange }: { view: TrainingView; onChange: Change }) {
  return (
    <section className={styles.panel} aria-label="Filters">
      {(Object.keys(choices) as (keyof typeof choices)[]).map((name) => (
        <NativeSelect
          key={name}
          label={choices[name].label}
          value={view[name]}
          onChange={(event) => onChange({ [name]: event.currentTarget.value })}
          data={Object.entries(choices[name].options).map(([value, label]) => ({ value, label }))}
        />
      ))}
      {lists.map(({ name, label, data }) => (
        <MultiSelect
          key={name}
          label={label}
          placeholder={view[name].length > 0 ? '' : 'any'}
          searchable
          clearable
          limit={60}
          value={view[name]}
          onChange={(values) => onChange({ [name]: values })}
          data={data}
        />
      ))}
      {ranges.map((range) => (
        <Range key={range.column} range={range} view={view} onChange={onChange} />
      ))}
      <Group className={styles.end ?? ''} gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => onChange(backlogOf(view))}>
          Back to the backlog
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => onChange(withoutFilters(view))}>
          Clear every filter
        </Button>
      </Group>
    </section>
  );
}
