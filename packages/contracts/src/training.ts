import { type Static, type TProperties, Type } from 'typebox';
import { EmptyBody, endpoint, RunAccepted } from './endpoint.ts';
import { exportOf } from './export.ts';
import {
  AcceptedWord,
  CommaList,
  CountsByWord,
  DateTime,
  defaultLimit,
  ExactNumber,
  maximumOffset,
  Nullable,
  Pagination,
  pageParameters,
  StringEnum,
  searchDescription,
  sortParameters,
  Text,
  TextList,
  Word,
} from './paging.ts';
import { problems } from './problem.ts';
import { cmValues, labels, type MediaType, mediaTypes } from './vocabulary.ts';

export const tag = { name: 'training', description: 'Titles of the labelled set' };
const tags = [tag.name];
const NullableText = Nullable(Type.String());
const NullableInteger = Nullable(Type.Integer());
export const Timestamp = Type.String({
  description: 'ISO 8601 in UTC with six decimals',
  pattern: '^\\d{4,}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$',
  examples: ['2025-05-21T02:27:51.094287Z'],
});

/** A time that other writers set: in a calendar's form, else null. */
export const CalendarTime = Nullable(Timestamp, {
  description:
    'ISO 8601 in UTC with six decimals, with more than four digits for years beyond 9999; null for a time without a date ' +
    'in the calendar (infinity, or before the year 1)',
});

/** The text of a time that is never null, because it is a version, or because null has another meaning. */
export const ExactTime = Type.String({
  description:
    'ISO 8601 in UTC with six decimals, with more than four digits for years beyond 9999. A time without a date in the ' +
    "calendar is PostgreSQL's text: infinity, -infinity, or such as 0044-03-15 12:00:00+00 BC",
  pattern:
    '^(\\d{4,}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z|-?infinity|\\d{4,}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?\\+00 BC)$',
  examples: ['2025-05-21T02:27:51.094287Z'],
});

/** The columns of rows that are an ExactTime. */
export const exactTimes = ['updated_at', 'training_updated_at', 'deleted_at'] as const;

export const ImdbId = Type.String({ pattern: '^tt[0-9]{7,8}$', examples: ['tt0133093'] });
export const titleParams = Type.Object({ imdb_id: ImdbId });

/** Metadata of a title; null where unknown. A media item has those of its title. */
export const titleFacts = {
  budget: NullableInteger,
  revenue: NullableInteger,
  runtime: Nullable(Type.Integer(), { description: 'Minutes' }),
  origin_country: TextList(),
  production_companies: TextList(),
  production_countries: TextList(),
  production_status: NullableText,
  original_language: NullableText,
  spoken_languages: TextList(),
  genre: TextList("TMDB's names"),
  original_media_title: NullableText,
  tagline: NullableText,
  overview: NullableText,
  tmdb_rating: Nullable(Type.Number(), { description: '0-10' }),
  tmdb_votes: NullableInteger,
  rt_score: Nullable(Type.Integer(), { description: 'Rotten Tomatoes, 0-100' }),
  metascore: Nullable(Type.Integer(), { description: '0-100' }),
  imdb_rating: Nullable(Type.Number(), { description: 'IMDb rating times ten, 0-100' }),
  imdb_votes: NullableInteger,
} satisfies TProperties;

export const trainingColumns = {
  imdb_id: ImdbId,
  tmdb_id: NullableInteger,
  label: Nullable(Word(labels), { description: 'null: not labelled yet' }),
  human_labeled: Type.Boolean({ description: 'A person decided the label' }),
  anomalous: Type.Boolean({ description: 'Verified, but keeps being a false positive or negative' }),
  reviewed: Nullable(Type.Boolean(), { description: 'The label is confirmed and enters the training set' }),
  media_type: Word(mediaTypes),
  media_title: Type.String(),
  season: NullableInteger,
  episode: NullableInteger,
  release_year: Type.Integer(),
  ...titleFacts,
  created_at: CalendarTime,
  updated_at: ExactTime,
} satisfies TProperties;

const predictionColumns = {
  prediction: Type.Optional(
    Nullable(Type.Integer(), {
      description: "1: would watch, at the model's own 0.5 instead of the operating threshold",
    }),
  ),
  probability: Type.Optional(Nullable(Type.Number(), { description: 'Of would_watch, 0-1' })),
  cm_value: Type.Optional(
    Nullable(Word(cmValues), { description: 'As stored when the model ran; a later label does not change it' }),
  ),
  prediction_created_at: Type.Optional(CalendarTime),
} satisfies TProperties;

/** The poster of a title, in rows that have it. */
export const posterColumn = {
  poster: Type.Optional(
    Nullable(Type.String(), {
      description:
        'Only with POSTERS=true: that /training/{imdb_id}/poster has a picture, as its path at TMDB; else null',
    }),
  ),
} satisfies TProperties;

export const TrainingRow = Type.Object(
  { ...trainingColumns, ...predictionColumns, ...posterColumn },
  { $id: 'TrainingRow', description: 'A title of the labelled set; predictions only with include=prediction' },
);
export type TrainingRow = Static<typeof TrainingRow>;

export const trainingSorts = [
  'created_at',
  'updated_at',
  'media_title',
  'release_year',
  'media_type',
  'label',
  'imdb_id',
  'tmdb_id',
  'budget',
  'revenue',
  'runtime',
  'original_language',
  'tmdb_rating',
  'tmdb_votes',
  'rt_score',
  'metascore',
  'imdb_rating',
  'imdb_votes',
  'human_labeled',
  'anomalous',
  'reviewed',
  'probability',
] as const;
export type TrainingSort = (typeof trainingSorts)[number];
export const trainingDefaultSort = { sort_by: 'created_at', sort_order: 'desc' } as const;

export const trainingOrders = ['uncertain', 'disagree', 'random'] as const;
export type TrainingOrder = (typeof trainingOrders)[number];

/** The numeric columns that take `<column>_min` and `<column>_max`. */
export const trainingRanges = [
  'release_year',
  'runtime',
  'budget',
  'revenue',
  'tmdb_rating',
  'tmdb_votes',
  'rt_score',
  'metascore',
  'imdb_rating',
  'imdb_votes',
  'probability',
] as const;
export type TrainingRange = (typeof trainingRanges)[number];

type RangeParameters = { [K in `${TrainingRange}_${'min' | 'max'}`]: ReturnType<typeof Bound> };
const Bound = (description: string) => Type.Optional(ExactNumber({ description }));
const rangeParameters = Object.fromEntries(
  trainingRanges.flatMap((column) => [
    [`${column}_min`, Bound(`Minimum ${column}; excludes titles without one`)],
    [`${column}_max`, Bound(`Maximum ${column}; excludes titles without one`)],
  ]),
) as RangeParameters;

const Flag = (description: string) =>
  Type.Optional(Type.Boolean({ description: `${description} (true/false, 1/0, yes/no, on/off in any case)` }));

export const trainingFilters = {
  media_type: Type.Optional(AcceptedWord(mediaTypes, 'atp.training.media_type')),
  label: Type.Optional(
    AcceptedWord([...labels, 'none', 'any'], 'atp.training.label', {
      description: 'none: unlabelled; any: labelled; a label that is one of these words in double quotes',
    }),
  ),
  reviewed: Flag('Confirmed; false also matches null'),
  human_labeled: Flag('Decided by a person'),
  anomalous: Flag('Marked as an oddity'),
  imdb_id: CommaList(Text({ description: 'An IMDb id', maxLength: 20 }), { description: 'One id or a comma list' }),
  title: Type.Optional(
    Text({
      description: 'The whole title, however it is typed; without letters and digits, such as "!", by its characters',
    }),
  ),
  media_title: Type.Optional(Text({ description: 'Part of the title, case-insensitive' })),
  q: Type.Optional(Text({ description: `${searchDescription('title')}, or the start of an IMDb id` })),
  genre: CommaList(Text({ description: 'A genre', maxLength: 40 }), { description: 'Any of these genres' }),
  origin_country: CommaList(Text({ description: 'A country', maxLength: 2 }), {
    description: 'Any of these two-letter codes',
  }),
  original_language: CommaList(Text({ description: 'A language', maxLength: 2 }), {
    description: 'Any of these two-letter codes',
  }),
  decided_by: Type.Optional(
    Text({
      description:
        'With a label event of this actor; undone events count, bulk operations do not. One event must match all parameters that begin with decided',
    }),
  ),
  decided_at_min: Type.Optional(DateTime({ description: 'With such a label event at this time or later' })),
  decided_at_max: Type.Optional(DateTime({ description: 'With such a label event at this time or earlier' })),
  decided_undone: Flag(
    'With a decision, which changes the label or its confirmation and not only anomalous: one that was undone, or false: one that was not',
  ),
  decided_in_bulk: Flag('Events of bulk operations count too'),
  ...rangeParameters,
} satisfies TProperties;

export const Threshold = Type.Optional(
  Type.Number({
    minimum: 0,
    maximum: 1,
    examples: [0.35],
    description: 'Predicted yes means a probability at or above this; default: the operating threshold (see /meta)',
  }),
);

/** The orders that are not a column; instead of sort_by. */
export const orderParameters = {
  order: Type.Optional(
    StringEnum(trainingOrders, {
      description:
        'Instead of sort_by. uncertain: nearest to 0.5 first. disagree: titles whose label differs from what the model ' +
        'says at the threshold first, then the others; the probability farthest from the threshold first. random: ' +
        'shuffled by the seed. Titles without a prediction come last.',
    }),
  ),
  threshold: Threshold,
  seed: Type.Optional(
    Text({
      description: 'For order=random: the same seed gives the same order; without a seed the order is fixed',
      maxLength: 64,
    }),
  ),
} satisfies TProperties;

export const TrainingQuery = Type.Object({
  ...trainingFilters,
  include: Type.Optional(
    StringEnum(['prediction'], {
      description:
        'prediction: add the prediction of each title (order=uncertain, order=disagree and sort_by=probability always add it)',
    }),
  ),
  ...sortParameters(trainingSorts, trainingDefaultSort),
  ...orderParameters,
  ...pageParameters,
  limit: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: maximumOffset,
      default: defaultLimit,
      description: 'Rows a page, any number; 0: none, only the total',
    }),
  ),
});
export type TrainingQuery = Static<typeof TrainingQuery>;

export const TrainingList = Type.Object({ data: Type.Array(TrainingRow), pagination: Pagination });
export type TrainingList = Static<typeof TrainingList>;

export const listTraining = endpoint({
  method: 'GET',
  url: '/training',
  config: { role: 'viewer', replyHeaders: ['Age'], forgives: ['sort_by', 'sort_order', 'limit'] },
  schema: {
    operationId: 'listTraining',
    summary: 'Titles of the labelled set',
    description:
      'Unlike other lists, it has no maximum limit: a page of more than 1000 rows is sent while it is read, so that a row ' +
      'that changes in between may appear twice or not at all. It replaces an unknown sort_by or sort_order by created_at ' +
      'desc and names them in X-Unknown-Parameters; with `Prefer: handling=strict` it rejects them.',
    tags,
    querystring: TrainingQuery,
    response: { 200: TrainingList, ...problems() },
  },
});

const TrainingFileRow = Type.Object(
  {
    ...trainingColumns,
    ...predictionColumns,
    verdict: Type.Optional(
      Nullable(StringEnum(labels), { description: 'What the model says at the threshold; null: no prediction' }),
    ),
    threshold: Type.Optional(Type.Number({ description: 'That of the request' })),
  },
  {
    $id: 'TrainingFileRow',
    description: "A row of the list; with `threshold` in the request also the model's verdict there",
  },
);

export const exportTraining = exportOf(listTraining, {
  operationId: 'exportTraining',
  summary: 'Titles of the labelled set as a file',
  description:
    'With `threshold`, each row has its prediction and ends with `verdict`, what the model says at that threshold, and ' +
    '`threshold`, which the name of the file has too; `prediction` and `cm_value` stay those of the model. ',
  row: TrainingFileRow,
});

export const getTraining = endpoint({
  method: 'GET',
  url: '/training/:imdb_id',
  config: { role: 'viewer', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'getTraining',
    summary: 'One title, with the prediction',
    description: 'Its ETag is updated_at, for the If-Match of a write.',
    tags,
    params: titleParams,
    response: { 200: TrainingRow, ...problems(404) },
  },
});

export const TrainingStats = Type.Object(
  {
    total: Type.Integer(),
    label: CountsByWord([...labels, 'none']),
    reviewed: CountsByWord(['true', 'false']),
    human_labeled: CountsByWord(['true', 'false']),
    anomalous: CountsByWord(['true', 'false']),
    media_type: CountsByWord(mediaTypes),
    unreviewed: Type.Object({
      media_type: CountsByWord(mediaTypes),
      media_type_unlabelled: CountsByWord(mediaTypes, { description: 'Those of them without a label' }),
      oldest_created_at: Nullable(Timestamp, { description: 'Of the titles without a review' }),
      media_type_oldest_created_at: Type.Unsafe<
        { [type in MediaType]: string | null } & { [type: string]: string | null }
      >({
        type: 'object',
        required: [...mediaTypes],
        properties: Object.fromEntries(mediaTypes.map((type) => [type, Nullable(Timestamp)])),
        additionalProperties: Nullable(Timestamp),
      }),
    }),
    oldest_created_at: Nullable(Timestamp),
    newest_created_at: Nullable(Timestamp),
    newest_updated_at: Nullable(Timestamp),
  },
  { $id: 'TrainingStats' },
);
export type TrainingStats = Static<typeof TrainingStats>;

export const getTrainingStats = endpoint({
  method: 'GET',
  url: '/training/stats',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'getTrainingStats',
    summary: 'Counts by label, flags and type',
    description: 'At most one second old, never older than your own writes; the header Age has the age.',
    tags,
    response: { 200: TrainingStats, ...problems() },
  },
});

export const rerunMetadata = endpoint({
  method: 'PATCH',
  url: '/training/:imdb_id/rerun_metadata',
  config: { role: 'operator' },
  schema: {
    operationId: 'rerunMetadata',
    summary: 'Refresh the metadata of a title',
    description:
      'Starts a run that writes what TMDB and OMDb know of it; what they do not know stays. A title has one such run at a time: ' +
      'another request is given the one in progress. GET /api/runs/{id} reports what has changed. 409 where no source is configured.',
    tags,
    params: titleParams,
    body: EmptyBody,
    response: { 202: RunAccepted, ...problems(400, 404, 409) },
  },
});

/** What a run of training.rerun_metadata made of one title. */
export type MetadataResult = {
  imdb_id: string;
  changes: { column: string; from: unknown; to: unknown }[];
  /** Why a source has no facts of it, or was not read; as sentences. */
  notes: string[];
};

/** The output of such a run. */
export type MetadataOutput = {
  /** Titles by what became of them; `unknown`: no source has facts of them. */
  changed: number;
  unchanged: number;
  unknown: number;
  failed: number;
  /** Why a source was not asked any more. */
  sources: string[];
  /** Of titles that changed or that a person should look at, the first of them. */
  titles: MetadataResult[];
};

/** The most titles of a selection. */
export const mostRefreshed = 1_000;

export const rerunMetadataOfMany = endpoint({
  method: 'POST',
  url: '/training/rerun_metadata',
  config: { role: 'operator' },
  schema: {
    operationId: 'rerunMetadataOfMany',
    summary: 'Refresh the metadata of many titles',
    description:
      'Starts one run for a selection, or for all titles that lack facts of a configured source, the newest 10,000 of them. ' +
      '409 where no source is configured.',
    tags,
    body: Type.Object(
      {
        imdb_ids: Type.Optional(
          Type.Array(ImdbId, { minItems: 1, maxItems: mostRefreshed, description: 'These titles' }),
        ),
        without_facts: Type.Optional(
          Type.Literal(true, { description: 'true: all titles that lack facts of a configured source' }),
        ),
      },
      { additionalProperties: false, description: 'One of its members' },
    ),
    response: { 202: RunAccepted, ...problems(400, 409) },
  },
});
