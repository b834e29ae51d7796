import { genres, mediaTypes } from '@at/contracts/vocabulary';
import { MultiSelect, NativeSelect, NumberInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { formatWord } from '#shared/format.ts';
import { predictionTexts as texts } from '#shared/texts/predictions.ts';
import type { ChangeView } from '#shared/use-view.ts';
import styles from './filter-bar.module.css';
import type { PredictionsView } from './view.ts';

const { choices } = texts;
const options = {
  media_type: {
    all: choices.everyType,
    ...Object.fromEntries(mediaTypes.map((type) => [type, formatWord(type)])),
  },
  label: choices.label,
  reviewed: choices.reviewed,
  anomalous: choices.anomalous,
} satisfies { [K in keyof PredictionsView]?: Record<string, string> };

const years = [
  { bound: 'release_year_min', name: texts.fields.yearFrom, placeholder: texts.fromPlaceholder },
  { bound: 'release_year_max', name: texts.fields.yearTo, placeholder: texts.toPlaceholder },
] as const;

function Years({ view: { bounds }, onChange }: { view: PredictionsView; onChange: ChangeView<PredictionsView> }) {
  const given = years.map(({ bound }) => bounds[bound] ?? '');
  const [values, setValues] = useState<(number | string)[]>(given);
  useEffect(() => setValues(given), [given.join()]);
  const apply = useDebouncedCallback((wanted: (number | string)[]) => {
    const { release_year_min: _min, release_year_max: _max, ...others } = bounds;
    const set = years.flatMap(({ bound }, index) =>
      typeof wanted[index] === 'number' ? [[bound, wanted[index]]] : [],
    );
    onChange({ bounds: { ...others, ...Object.fromEntries(set) } }, { replace: true });
  }, 400);
  return (
    <fieldset className={styles.years}>
      <legend>{texts.fields.year}</legend>
      <div>
        {years.map(({ bound, name, placeholder }, index) => (
          <NumberInput
            key={bound}
            aria-label={name}
            placeholder={placeholder}
            min={1850}
            max={2100}
            allowDecimal={false}
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

/** Every filter beside the search and the cells. */
export function FilterPanel({ view, onChange }: { view: PredictionsView; onChange: ChangeView<PredictionsView> }) {
  return (
    <section className={styles.panel} aria-label={texts.filtersLabel}>
      {(Object.keys(options) as (keyof typeof options)[]).map((name) => (
        <NativeSelect
          key={name}
          label={texts.fields[name]}
          value={view[name]}
          onChange={(event) => onChange({ [name]: event.currentTarget.value })}
          data={Object.entries(options[name]).map(([value, label]) => ({ value, label }))}
        />
      ))}
      <Years view={view} onChange={onChange} />
      <MultiSelect
        className={styles.genre ?? ''}
        label={texts.fields.genre}
        placeholder={view.genre.length > 0 ? '' : texts.any}
        searchable
        clearable
        value={view.genre}
        onChange={(genre) => onChange({ genre })}
        data={[...new Set([...genres, ...view.genre])]}
      />
    </section>
  );
}
