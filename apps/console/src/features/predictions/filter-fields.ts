import { genres, mediaTypes } from '@at/contracts/vocabulary';
import type { FilterField } from '#lists/filter-panel.tsx';
import { titleWords } from '#titles/title-words.ts';
import { formatWord } from '#ui/format.ts';
import { predictionTexts as texts } from './texts.ts';
import type { PredictionsView } from './view.ts';

const { fields, choices } = texts;
const types = Object.fromEntries(mediaTypes.map((type) => [type, formatWord(type)]));

export const filterFields: readonly FilterField<PredictionsView>[] = [
  {
    name: 'media_type',
    label: fields.media_type,
    options: { all: choices.everyType, ...types },
    more: titleWords('media_type'),
  },
  { name: 'label', label: fields.label, options: choices.label, more: titleWords('label') },
  { name: 'reviewed', label: fields.reviewed, options: choices.reviewed },
  { name: 'anomalous', label: fields.anomalous, options: choices.anomalous },
  { column: 'release_year', label: fields.year, limits: { min: 1850, max: 2100 } },
  {
    name: 'genre',
    label: fields.genre,
    choices: genres.map((genre) => ({ value: genre, label: genre })),
    wide: true,
  },
];
