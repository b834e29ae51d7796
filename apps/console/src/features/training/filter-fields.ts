import { genres, mediaTypes } from '@at/contracts/vocabulary';
import type { FilterField } from '#lists/filter-panel.tsx';
import { imdbScale } from '#titles/radar.ts';
import { titleWords } from '#titles/title-words.ts';
import { formatCountry, formatLanguage, formatWord } from '#ui/format.ts';
import { trainingTexts as texts } from './texts.ts';
import type { TrainingView } from './view.ts';

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const pairs = letters.flatMap((first) => letters.map((second) => first + second));

/** The codes that have a name, sorted by it. */
function named(codes: string[], name: (code: string) => string) {
  return codes
    .map((value) => ({ value, label: name(value) }))
    .filter(({ value, label }) => label.toLowerCase() !== value.toLowerCase())
    .sort((a, b) => a.label.localeCompare(b.label));
}

const { all } = texts.choices.label.options;
const types = Object.fromEntries(mediaTypes.map((type) => [type, formatWord(type)]));
const countries = named(
  pairs.map((code) => code.toUpperCase()),
  formatCountry,
);

const ranges = [
  { column: 'release_year', limits: { min: 1850, max: 2100 } },
  { column: 'probability', limits: { min: 0, max: 1 } },
  { column: 'imdb_rating', limits: { min: 0, max: 10 }, scale: imdbScale },
  { column: 'rt_score', limits: { min: 0, max: 100 } },
  { column: 'metascore', limits: { min: 0, max: 100 } },
  { column: 'tmdb_rating', limits: { min: 0, max: 10 } },
] as const;

export const filterFields: readonly FilterField<TrainingView>[] = [
  { name: 'reviewed', ...texts.choices.reviewed },
  { name: 'label', ...texts.choices.label, more: titleWords('label') },
  { name: 'anomalous', ...texts.choices.anomalous },
  { name: 'media_type', ...texts.choices.media_type, options: { all, ...types }, more: titleWords('media_type') },
  { name: 'genre', label: texts.genre, choices: genres.map((genre) => ({ value: genre, label: genre })) },
  { name: 'origin_country', label: texts.country, choices: countries },
  { name: 'original_language', label: texts.language, choices: named(pairs, formatLanguage) },
  ...ranges.map((range) => ({ ...range, label: texts.ranges[range.column] })),
];
