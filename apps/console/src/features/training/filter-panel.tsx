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

/** Every filter of the page. */
export function FilterPanel({ view, onChange }: { view: TrainingView; onChange: Change }) {
  return (
    <section className={styles.panel} aria-label="Filters">
      <NativeSelect
        label="Reviewed"
        value={view.reviewed}
        onChange={(event) => onChange({ reviewed: event.currentTarget.value as TrainingView['reviewed'] })}
        data={[
          { value: 'false', label: 'unreviewed' },
          { value: 'true', label: 'reviewed' },
          { value: 'all', label: 'all' },
        ]}
      />
      <NativeSelect
        label="Label"
        value={view.label}
        onChange={(event) => onChange({ label: event.currentTarget.value as TrainingView['label'] })}
        data={[
          { value: 'all', label: 'all' },
          { value: 'would_watch', label: 'would watch' },
          { value: 'would_not_watch', label: 'would not watch' },
          { value: 'none', label: 'unlabelled' },
        ]}
      />
      <NativeSelect
        label="Anomalous"
        value={view.anomalous}
        onChange={(event) => onChange({ anomalous: event.currentTarget.value as TrainingView['anomalous'] })}
        data={[
          { value: 'all', label: 'all' },
          { value: 'true', label: 'yes' },
          { value: 'false', label: 'no' },
        ]}
      />
      <NativeSelect
        label="Type"
        value={view.media_type}
        onChange={(event) => onChange({ media_type: event.currentTarget.value as TrainingView['media_type'] })}
        data={[{ value: 'all', label: 'all' }, ...mediaTypes.map((type) => ({ value: type, label: formatWord(type) }))]}
      />
      <MultiSelect
        label="Genre"
        placeholder={view.genre.length > 0 ? '' : 'any'}
        searchable
        clearable
        value={view.genre}
        onChange={(genre) => onChange({ genre })}
        data={[...genres]}
      />
      <MultiSelect
        label="Country"
        placeholder={view.origin_country.length > 0 ? '' : 'any'}
        searchable
        clearable
        limit={60}
        value={view.origin_country}
        onChange={(origin_country) => onChange({ origin_country })}
        data={countries}
      />
      <MultiSelect
        label="Language"
        placeholder={view.original_language.length > 0 ? '' : 'any'}
        searchable
        clearable
        limit={60}
        value={view.original_language}
        onChange={(original_language) => onChange({ original_language })}
        data={languages}
      />
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
