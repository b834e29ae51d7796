import type { LabelEvent } from '@at/contracts/labels';
import type { TextList } from '@at/contracts/paging';
import type { TrainingRow } from '@at/contracts/training';
import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { LinkedId } from '#ui/copyable.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatDecimal, formatLanguage, formatMoney, formatRuntime, formatWord, none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { textsOf } from '#ui/text-list.ts';
import { Countries } from './country.tsx';
import { Genres } from './genre.tsx';
import { CellBadge, LabelBadge, Verdict } from './label-badges.tsx';
import { formatRating, metrics } from './radar.ts';
import { titleTexts } from './texts.ts';
import { imdbUrl, tmdbUrl } from './title-address.ts';
import { undoEvent } from './title-changes.ts';
import styles from './title-details.module.css';
import { TitleHistory } from './title-history.tsx';
import { formatThreshold, modelThreshold } from './verdict.ts';

const dollars = new Intl.NumberFormat(undefined, { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
/** A number that browsers cannot hold to its last digit is rounded as it is elsewhere. */
const formatDollars = (value: number | null) =>
  value !== null && Number.isSafeInteger(value) ? dollars.format(value) : formatMoney(value);
const formatYes = (value: boolean | null) => (value === null ? none : value ? 'yes' : 'no');
const formatList = (values: TextList | null, format = (text: string) => text) =>
  textsOf(values).map(format).join(', ') || none;

type Field = {
  column: keyof TrainingRow;
  name: string;
  show: (title: TrainingRow) => ReactNode;
  /** It tells what the model or someone else says of the title: blind mode hides it. */
  tells?: true;
};
type Group = { name: string; fields: Field[] };

/** Every column of a title, each once; its state first. */
export const groups: Group[] = [
  {
    name: 'Status',
    fields: [
      { column: 'label', name: 'Label', show: (t) => <LabelBadge label={t.label} />, tells: true },
      { column: 'human_labeled', name: 'Decided by a person', show: (t) => formatYes(t.human_labeled) },
      { column: 'reviewed', name: 'Reviewed', show: (t) => formatYes(t.reviewed) },
      { column: 'anomalous', name: 'Anomalous', show: (t) => formatYes(t.anomalous) },
      {
        column: 'prediction',
        name: 'Prediction',
        show: (t) => t.prediction != null && <Verdict probability={t.probability} />,
        tells: true,
      },
      {
        column: 'probability',
        name: 'Probability',
        show: (t) => t.probability != null && Number.isFinite(t.probability) && formatDecimal(t.probability, 4),
        tells: true,
      },
      {
        column: 'cm_value',
        name: `Recorded cell, at ${formatThreshold(modelThreshold)}`,
        show: (t) => t.cm_value && <CellBadge cell={t.cm_value} />,
        tells: true,
      },
    ],
  },
  {
    name: 'Basics',
    fields: [
      { column: 'media_title', name: 'Title', show: (t) => t.media_title },
      { column: 'original_media_title', name: 'Original title', show: (t) => t.original_media_title },
      { column: 'media_type', name: 'Type', show: (t) => formatWord(t.media_type) },
      { column: 'season', name: 'Season', show: (t) => t.season },
      { column: 'episode', name: 'Episode', show: (t) => t.episode },
      { column: 'release_year', name: 'Year', show: (t) => t.release_year },
      { column: 'runtime', name: 'Runtime', show: (t) => formatRuntime(t.runtime) },
      { column: 'genre', name: 'Genres', show: (t) => <Genres names={t.genre} /> },
      { column: 'origin_country', name: 'Countries', show: (t) => <Countries codes={t.origin_country} /> },
      { column: 'original_language', name: 'Original language', show: (t) => formatLanguage(t.original_language) },
      { column: 'tagline', name: 'Tagline', show: (t) => t.tagline },
      { column: 'overview', name: 'Overview', show: (t) => t.overview },
      {
        column: 'imdb_id',
        name: 'IMDb id',
        show: (t) => <LinkedId value={t.imdb_id} site="IMDb" href={imdbUrl(t.imdb_id)} />,
      },
      {
        column: 'tmdb_id',
        name: 'TMDB id',
        show: (t) => t.tmdb_id !== null && <LinkedId value={t.tmdb_id} site="TMDB" href={tmdbUrl(t)} />,
      },
    ],
  },
  {
    name: 'Ratings',
    fields: metrics.map((metric) => ({
      column: metric.field,
      name: metric.name,
      show: (t) => t[metric.field] !== null && formatRating(metric, t[metric.field]),
    })),
  },
  {
    name: 'Financial',
    fields: [
      { column: 'budget', name: 'Budget', show: (t) => formatDollars(t.budget) },
      { column: 'revenue', name: 'Revenue', show: (t) => formatDollars(t.revenue) },
    ],
  },
  {
    name: 'Additional',
    fields: [
      { column: 'production_companies', name: 'Companies', show: (t) => formatList(t.production_companies) },
      {
        column: 'production_countries',
        name: 'Produced in',
        show: (t) => <Countries codes={t.production_countries} />,
      },
      { column: 'production_status', name: 'Production', show: (t) => t.production_status },
      {
        column: 'spoken_languages',
        name: 'Spoken languages',
        show: (t) => formatList(t.spoken_languages, formatLanguage),
      },
    ],
  },
  {
    name: 'Timestamps',
    fields: [
      { column: 'created_at', name: 'Added', show: (t) => <RelativeTime at={t.created_at} /> },
      { column: 'updated_at', name: 'Updated', show: (t) => <RelativeTime at={t.updated_at} /> },
      {
        column: 'prediction_created_at',
        name: 'Predicted',
        show: (t) => <RelativeTime at={t.prediction_created_at} />,
        tells: true,
      },
    ],
  },
];

/** A dash for no value and for blanks; zero is a value. */
const orDash = (shown: ReactNode) =>
  shown === null || shown === undefined || shown === false || (typeof shown === 'string' && shown.trim() === '')
    ? none
    : shown;

/** The history of a title, which has Undo, and every column; in blind mode without what tells how others decided. */
export function TitleDetails({
  title,
  isBlind = false,
  onUndo = (event) => void undoEvent(title, event),
}: {
  title: TrainingRow;
  isBlind?: boolean;
  /** Undoes the latest event of the history; otherwise as in a list. */
  onUndo?: (event: LabelEvent) => void;
}) {
  const hidden = (
    <Text span size="sm" c="dimmed">
      {titleTexts.hidden}
    </Text>
  );
  const history = (
    <section className={styles.group}>
      <Title order={3} mb={6}>
        {titleTexts.history}
      </Title>
      {isBlind ? hidden : <TitleHistory title={title} onUndo={onUndo} />}
    </section>
  );
  const group = ({ name, fields }: (typeof groups)[number]) => (
    <section key={name} className={styles.group}>
      <Title order={3} mb={6}>
        {name}
      </Title>
      <Facts>
        {fields.map((field) => (
          <Fact key={field.column} name={field.name} column={field.column}>
            {isBlind && field.tells ? hidden : orDash(field.show(title))}
          </Fact>
        ))}
      </Facts>
    </section>
  );
  return (
    <div className={styles.groups}>
      {history}
      {groups.map(group)}
    </div>
  );
}
