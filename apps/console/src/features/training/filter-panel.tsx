import { genres, mediaTypes } from '@at/contracts/vocabulary';
import { Button, Group, MultiSelect, NativeSelect, NumberInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { formatCountry, formatLanguage, formatWord } from '#shared/format.ts';
import { trainingTexts as texts } from '#shared/texts/training.ts';
import type { ChangeView } from '#shared/use-view.ts';
import styles from './filter-bar.module.css';
import { backlogOf, ranges, type TrainingView, withoutFilters } from './filters.ts';

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
  range: { column, min, max },
  view,
  onChange,
}: {
  range: (typeof ranges)[number];
  view: TrainingView;
  onChange: ChangeView<TrainingView>;
}) {
  const name = texts.ranges[column];
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
            aria-label={index === 0 ? texts.atLeast(name) : texts.atMost(name)}
            placeholder={index === 0 ? texts.from : texts.to}
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
  ...texts.choices,
  media_type: {
    ...texts.choices.media_type,
    options: Object.fromEntries(
      (['all', ...mediaTypes] as const).map((type) => [
        type,
        type === 'all' ? texts.choices.label.options.all : formatWord(type),
      ]),
    ),
  },
} satisfies { [K in keyof TrainingView]?: { label: string; options: Record<string, string> } };

const lists = [
  { name: 'genre', label: texts.genre, data: [...genres] },
  { name: 'origin_country', label: texts.country, data: countries },
  { name: 'original_language', label: texts.language, data: languages },
] as const;

/** Every filter of the page. */
export function FilterPanel({ view, onChange }: { view: TrainingView; onChange: ChangeView<TrainingView> }) {
  return (
    <section className={styles.panel} aria-label={texts.filters}>
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
          placeholder={view[name].length > 0 ? '' : texts.any}
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
          {texts.toBacklog}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => onChange(withoutFilters(view))}>
          {texts.clearFilters}
        </Button>
      </Group>
    </section>
  );
}
