import { genres, mediaTypes } from '@at/contracts/vocabulary';
import { Button } from '@mantine/core';
import { ChoiceField, FilterPanel, RangeField, WordsField, withBound } from '#lists/filter-fields.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { formatCountry, formatLanguage, formatWord } from '#ui/format.ts';
import { backlogOf, ranges, type TrainingView, withoutFilters } from './filters.ts';
import { trainingTexts as texts } from './texts.ts';

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
  { name: 'genre', label: texts.genre, options: genres.map((genre) => ({ value: genre, label: genre })) },
  { name: 'origin_country', label: texts.country, options: countries },
  { name: 'original_language', label: texts.language, options: languages },
] as const;

/** Every filter of the page. */
export function TrainingFilters({ view, onChange }: { view: TrainingView; onChange: ChangeView<TrainingView> }) {
  const { bounds } = view;
  const setBound = (name: keyof typeof bounds) => (bound: number | undefined) =>
    onChange({ bounds: withBound(bounds, name, bound) }, { replace: true });
  return (
    <FilterPanel
      end={
        <>
          <Button size="compact-sm" variant="default" onClick={() => onChange(backlogOf(view))}>
            {texts.toBacklog}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => onChange(withoutFilters(view))}>
            {listsTexts.clearFilters}
          </Button>
        </>
      }
    >
      {(Object.keys(choices) as (keyof typeof choices)[]).map((name) => (
        <ChoiceField key={name} {...choices[name]} value={view[name]} onChange={(word) => onChange({ [name]: word })} />
      ))}
      {lists.map(({ name, ...field }) => (
        <WordsField key={name} {...field} value={view[name]} onChange={(words) => onChange({ [name]: words })} />
      ))}
      {ranges.map(({ column, ...limits }) => (
        <RangeField
          key={column}
          label={texts.ranges[column]}
          limits={limits}
          min={bounds[`${column}_min`]}
          max={bounds[`${column}_max`]}
          onMin={setBound(`${column}_min`)}
          onMax={setBound(`${column}_max`)}
        />
      ))}
    </FilterPanel>
  );
}
