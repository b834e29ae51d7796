import { genres, mediaTypes } from '@at/contracts/vocabulary';
import { ChoiceField, FilterPanel, RangeField, WordsField, withBound } from '#lists/filter-fields.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { formatWord } from '#ui/format.ts';
import { predictionTexts as texts } from './texts.ts';
import type { PredictionsView } from './view.ts';

const choices = {
  media_type: {
    all: texts.choices.everyType,
    ...Object.fromEntries(mediaTypes.map((type) => [type, formatWord(type)])),
  },
  label: texts.choices.label,
  reviewed: texts.choices.reviewed,
  anomalous: texts.choices.anomalous,
} satisfies { [K in keyof PredictionsView]?: Record<string, string> };

const genreOptions = genres.map((genre) => ({ value: genre, label: genre }));
const years = { min: 1850, max: 2100 };

/** Every filter beside the search and the cells. */
export function PredictionFilters({
  view,
  onChange,
}: {
  view: PredictionsView;
  onChange: ChangeView<PredictionsView>;
}) {
  const { bounds } = view;
  const setBound = (name: keyof typeof bounds) => (bound: number | undefined) =>
    onChange({ bounds: withBound(bounds, name, bound) }, { replace: true });
  return (
    <FilterPanel>
      {(Object.keys(choices) as (keyof typeof choices)[]).map((name) => (
        <ChoiceField
          key={name}
          label={texts.fields[name]}
          options={choices[name]}
          value={view[name]}
          onChange={(word) => onChange({ [name]: word })}
        />
      ))}
      <RangeField
        label={texts.fields.year}
        limits={years}
        min={bounds.release_year_min}
        max={bounds.release_year_max}
        onMin={setBound('release_year_min')}
        onMax={setBound('release_year_max')}
      />
      <WordsField
        wide
        label={texts.fields.genre}
        options={genreOptions}
        value={view.genre}
        onChange={(genre) => onChange({ genre })}
      />
    </FilterPanel>
  );
}
