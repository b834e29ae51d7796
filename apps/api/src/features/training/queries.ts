import { createHash } from 'node:crypto';
import {
  type TrainingQuery,
  type TrainingRow,
  type TrainingSort,
  type TrainingStats,
  trainingRanges,
} from '@at/contracts/training';
import { type MediaType, mediaTypes } from '@at/contracts/vocabulary';
import type { AtpPrediction, AtpTraining, DB } from '@at/db/schema';
import {
  type Expression,
  expressionBuilder,
  type Kysely,
  type RawBuilder,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely';
import { jsonBuildObject } from 'kysely/helpers/postgres';
import { invalid } from '#shared/api-error.ts';
import type { SortKey } from '#shared/keyset.ts';
import { given, type List, type ListInput, type Phase } from '#shared/list.ts';

type Tables = DB & { t: AtpTraining; p: AtpPrediction };

const eb = expressionBuilder<Tables, 't' | 'p'>();

/** `%`, `_` and the backslash as themselves in a LIKE pattern. */
function literal(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** The parameters that stand in the SQL as words, because a partial index fits no parameter, or that choose the order. */
const words = [
  'media_type',
  'label',
  'reviewed',
  'human_labeled',
  'anomalous',
  'include',
  'sort_by',
  'sort_order',
  'order',
] as const;

/** How a search finds titles. */
type Search = 'id' | 'start' | 'part';

/** What the parameters say about the statements of a list: the words, and which others are there. */
export type TrainingShape = Pick<TrainingQuery, (typeof words)[number]> & {
  search?: Search;
  filters: (keyof TrainingQuery)[];
};

const valued = [
  'imdb_id',
  'media_title',
  'genre',
  'origin_country',
  'original_language',
  ...trainingRanges.flatMap((column) => [`${column}_min`, `${column}_max`] as const),
] as const;

/** Throws 422 where order and sort_by contradict each other. */
export function trainingShape(query: TrainingQuery): TrainingShape {
  if (query.order !== undefined && query.sort_by !== undefined) {
    throw invalid('query', 'order', 'order and sort_by cannot be combined. Send one of them.');
  }
  return {
    ...Object.fromEntries(words.map((name) => [name, query[name]])),
    ...(query.q === undefined ? {} : { search: searchOf(query.q) }),
    filters: valued.filter((name) => query[name] !== undefined),
  };
}

/** A value that each request has of its own. */
const value = <Value>(read: (query: TrainingQuery) => Value) =>
  given(({ query }: ListInput<TrainingQuery>) => read(query));

function searchOf(q: string): Search {
  const text = q.trim();
  if (/^tt\d+$/i.test(text)) return 'id';
  return [...text].length < 3 ? 'start' : 'part';
}

const searched = ({ q = '' }: TrainingQuery) => literal(q.trim());

/**
 * Part of the title from three characters on (trigram index), its start for one or two (prefix index), or the start of
 * an IMDb id.
 */
const searches: Record<Search, () => Expression<SqlBool>> = {
  id: () =>
    eb(
      't.imdb_id',
      'like',
      value((query) => `${searched(query).toLowerCase()}%`),
    ),
  // In lower case by Postgres on both sides: JavaScript lowers some letters (Σ, İ) otherwise.
  start: () => sql<SqlBool>`lower(t.media_title) like lower(${value((query) => `${searched(query)}%`)})`,
  part: () =>
    eb(
      't.media_title',
      'ilike',
      value((query) => `%${searched(query)}%`),
    ),
};

/** Whether the filter asks something of the prediction. */
function filtersPrediction({ filters }: TrainingShape): boolean {
  return filters.includes('probability_min') || filters.includes('probability_max');
}

/** What the parameters ask of a title (`t`) and its prediction (`p`). */
function conditions({ filters, ...shape }: TrainingShape): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (shape.media_type !== undefined) all.push(eb('t.media_type', '=', sql.lit(shape.media_type)));
  if (shape.label === 'none') all.push(eb('t.label', 'is', null));
  else if (shape.label !== undefined) all.push(eb('t.label', '=', sql.lit(shape.label)));
  // The same expression as in the indexes: a title never set counts as not reviewed.
  if (shape.reviewed !== undefined) {
    all.push(eb(eb.fn.coalesce('t.reviewed', sql.lit(false)), '=', sql.lit(shape.reviewed)));
  }
  if (shape.human_labeled !== undefined) all.push(eb('t.human_labeled', '=', sql.lit(shape.human_labeled)));
  if (shape.anomalous !== undefined) all.push(eb('t.anomalous', '=', sql.lit(shape.anomalous)));
  if (shape.search !== undefined) all.push(searches[shape.search]());
  if (filters.includes('imdb_id')) all.push(sql<SqlBool>`t.imdb_id = any(${value(({ imdb_id }) => imdb_id)}::text[])`);
  if (filters.includes('media_title')) {
    const pattern = value(({ media_title = '' }) => `%${literal(media_title)}%`);
    all.push(eb('t.media_title', 'ilike', pattern));
  }
  if (filters.includes('genre')) all.push(sql<SqlBool>`t.genre && ${value(({ genre }) => genre)}::varchar[]`);
  if (filters.includes('origin_country')) {
    const codes = value(({ origin_country }) => origin_country?.map((code) => code.toUpperCase()));
    all.push(sql<SqlBool>`t.origin_country && ${codes}::bpchar[]`);
  }
  if (filters.includes('original_language')) {
    const codes = value(({ original_language }) => original_language?.map((code) => code.toLowerCase()));
    all.push(sql<SqlBool>`t.original_language = any(${codes}::bpchar[])`);
  }
  for (const column of trainingRanges) {
    const [minimum, maximum] = [`${column}_min`, `${column}_max`] as const;
    const reference = column === 'probability' ? eb.ref('p.probability') : eb.ref(`t.${column}`);
    // As numeric, so that a bound with decimals or beyond the column's type is compared instead of refused.
    if (filters.includes(minimum)) all.push(sql<SqlBool>`${reference} >= ${value((query) => query[minimum])}::numeric`);
    if (filters.includes(maximum)) all.push(sql<SqlBool>`${reference} <= ${value((query) => query[maximum])}::numeric`);
  }
  return all;
}

const trainingColumns = [
  't.imdb_id',
  't.tmdb_id',
  't.label',
  't.human_labeled',
  't.anomalous',
  't.reviewed',
  't.media_type',
  't.media_title',
  't.season',
  't.episode',
  't.release_year',
  't.budget',
  't.revenue',
  't.runtime',
  't.origin_country',
  't.production_companies',
  't.production_countries',
  't.production_status',
  't.original_language',
  't.spoken_languages',
  't.genre',
  't.original_media_title',
  't.tagline',
  't.overview',
  't.tmdb_rating',
  't.tmdb_votes',
  't.rt_score',
  't.metascore',
  't.imdb_rating',
  't.imdb_votes',
  't.created_at',
  't.updated_at',
] as const;

const predictionColumns = [
  'p.prediction',
  'p.probability',
  'p.cm_value',
  'p.created_at as prediction_created_at',
] as const;

const notNull = new Set<string>([
  'created_at',
  'updated_at',
  'media_title',
  'release_year',
  'media_type',
  'imdb_id',
  'human_labeled',
  'anomalous',
]);

/** The type that a cursor's text is read as. */
const cursorTypes: Record<TrainingSort, string> = {
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  media_title: 'varchar',
  release_year: 'smallint',
  media_type: 'atp.media_type',
  label: 'atp.label_type',
  imdb_id: 'varchar',
  tmdb_id: 'integer',
  budget: 'bigint',
  revenue: 'bigint',
  runtime: 'integer',
  original_language: 'bpchar',
  tmdb_rating: 'numeric',
  tmdb_votes: 'integer',
  rt_score: 'integer',
  metascore: 'integer',
  imdb_rating: 'numeric',
  imdb_votes: 'integer',
  human_labeled: 'boolean',
  anomalous: 'boolean',
  reviewed: 'boolean',
  probability: 'numeric',
};

const cast = (type: string) => (value: RawBuilder<unknown>) => sql`${value}::${sql.raw(type)}`;
const id = sql.ref('t.imdb_id');

function columnKey(column: TrainingSort, direction: SortKey['direction']): SortKey {
  return {
    expression: sql.ref(column === 'probability' ? 'p.probability' : `t.${column}`),
    fromCursor: cast(cursorTypes[column]),
    column,
    nullable: !notNull.has(column) && column !== 'probability',
    direction,
  };
}

const doubt = (probability: RawBuilder<unknown>) => sql`abs(${probability} - 0.5)`;
const doubtKey = (direction: SortKey['direction']): SortKey => ({
  expression: doubt(sql.ref('p.probability')),
  fromCursor: (value) => doubt(cast('numeric')(value)),
  column: 'probability',
  nullable: false,
  direction,
});

const shuffleKey: SortKey = {
  expression: sql`md5(t.imdb_id)`,
  fromCursor: (value) => sql`md5(${value})`,
  column: 'imdb_id',
  nullable: false,
  direction: 'asc',
};

type Base = SelectQueryBuilder<Tables, 't' | 'p', TrainingRow>;

/** Titles alone; the prediction's table is not touched. */
function titles(db: Kysely<DB>, shape: TrainingShape): Base {
  const base = db.selectFrom('atp.training as t').select(trainingColumns);
  return (base as unknown as Base).where(eb.and(conditions(shape)));
}

function withPrediction(db: Kysely<DB>, shape: TrainingShape, join: 'inner' | 'left'): Base {
  const from = db.selectFrom('atp.training as t');
  const joined =
    join === 'inner'
      ? from.innerJoin('atp.prediction as p', 'p.imdb_id', 't.imdb_id')
      : from.leftJoin('atp.prediction as p', 'p.imdb_id', 't.imdb_id');
  const base = (joined as unknown as SelectQueryBuilder<Tables, 't' | 'p', object>)
    .select(trainingColumns)
    .select(predictionColumns) as unknown as Base;
  return base.where(eb.and(conditions(shape)));
}

function withoutPrediction(db: Kysely<DB>, shape: TrainingShape): Base {
  return withPrediction(db, shape, 'left').where('p.imdb_id', 'is', null);
}

/** Names the order in cursors; a change of direction or seed is another order. */
export function orderName(query: TrainingQuery): string {
  const { order, seed = '', sort_by = 'created_at', sort_order = 'desc' } = query;
  return order ? `${order}${order === 'random' ? `:${seed}` : ''}` : `${sort_by} ${sort_order}`;
}

/**
 * Titles whose label is would_watch on the one prediction and would_not_watch on the other. Spelled out, because
 * Postgres has statistics for each word, but thinks that two columns are hardly ever equal.
 */
function labelledAs(onWouldWatch: 0 | 1, onWouldNotWatch: 0 | 1): Expression<SqlBool> {
  return eb.or([
    eb.and([eb('t.label', '=', sql.lit('would_watch')), eb('p.prediction', '=', sql.lit(onWouldWatch))]),
    eb.and([eb('t.label', '=', sql.lit('would_not_watch')), eb('p.prediction', '=', sql.lit(onWouldNotWatch))]),
  ]);
}

function phasesOf(db: Kysely<DB>, shape: TrainingShape): Phase<TrainingRow>[] {
  const { order, sort_by = 'created_at', sort_order = 'desc' } = shape;
  const predicted = (key: SortKey, query = withPrediction(db, shape, 'inner')): Phase<TrainingRow> => ({
    query,
    key,
    id: sql.ref('p.imdb_id'),
  });
  // Titles without a prediction come last, in the order of their ids.
  const unpredicted: Phase<TrainingRow> = { query: withoutPrediction(db, shape), key: columnKey('imdb_id', 'asc'), id };

  if (order === 'uncertain') return [predicted(doubtKey('asc')), unpredicted];
  if (order === 'disagree') {
    const base = withPrediction(db, shape, 'inner');
    // Without a label there is nothing to differ; Postgres would look for it all the same.
    const differs = shape.label === 'none' ? sql.lit(false) : labelledAs(0, 1);
    const agrees = eb.or([labelledAs(1, 0), eb('t.label', 'is', null)]);
    return [
      predicted(doubtKey('desc'), base.where(differs)),
      predicted(doubtKey('desc'), base.where(agrees)),
      unpredicted,
    ];
  }
  if (order === undefined && sort_by === 'probability') {
    return [predicted(columnKey('probability', sort_order)), unpredicted];
  }
  const base = shape.include ? withPrediction(db, shape, 'left') : predictionAware(db, shape);
  if (order === 'random') {
    const start = value(({ seed = '' }) => createHash('md5').update(seed).digest('hex'));
    return [
      { query: base.where(sql`md5(t.imdb_id)`, '>=', start), key: shuffleKey, id },
      { query: base.where(sql`md5(t.imdb_id)`, '<', start), key: shuffleKey, id },
    ];
  }
  return [{ query: base, key: columnKey(sort_by, sort_order), id }];
}

/** Without include the prediction is joined only where the filter needs it, and not shown. */
function predictionAware(db: Kysely<DB>, shape: TrainingShape): Base {
  if (!filtersPrediction(shape)) return titles(db, shape);
  return withPrediction(db, shape, 'inner').clearSelect().select(trainingColumns) as unknown as Base;
}

/** Whether one index holds these rows and no others in this order, so that a page costs the same wherever it lies. */
function isServed(shape: TrainingShape): boolean {
  const { search, filters, include: _, order, sort_by = 'created_at', sort_order: __, ...asked } = shape;
  if (search !== undefined || filters.length > 0) return false;
  const names = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const asks = names.join();
  if (asks === '')
    return order === 'random' || (order === undefined && ['created_at', 'updated_at', 'imdb_id'].includes(sort_by));
  if (order !== undefined) return false;
  if (asks === 'media_type,reviewed') return sort_by === 'created_at' || sort_by === 'updated_at';
  return asks === 'anomalous' && asked.anomalous === true && sort_by === 'updated_at';
}

/** The list that the parameters describe. */
export function trainingList(db: Kysely<DB>, shape: TrainingShape): List<TrainingRow> {
  return {
    phases: phasesOf(db, shape),
    idColumn: 'imdb_id',
    counted: predictionAware(db, shape).clearSelect(),
    isServed: isServed(shape),
  };
}

/** One title with its prediction; undefined when there is none. */
export async function findTitle(db: Kysely<DB>, imdbId: string): Promise<TrainingRow | undefined> {
  return withPrediction(db, { filters: [] }, 'left').where('t.imdb_id', '=', imdbId).executeTakeFirst();
}

/** Counts over the whole table in one pass. */
export async function countTitles(db: Kysely<DB>): Promise<TrainingStats> {
  const count = (condition: RawBuilder<SqlBool>) => sql<number>`(count(*) filter (where ${condition}))::integer`;
  const perType = (condition: RawBuilder<SqlBool>) =>
    jsonBuildObject(
      Object.fromEntries(
        mediaTypes.map((type) => [type, count(sql`t.media_type = ${sql.lit(type)} and ${condition}`)]),
      ) as Record<MediaType, RawBuilder<number>>,
    );
  const perTruth = (condition: RawBuilder<SqlBool>) =>
    jsonBuildObject({ true: count(condition), false: count(sql`not ${condition}`) });
  const reviewed = sql<SqlBool>`coalesce(t.reviewed, false)`;
  const unreviewed = sql<SqlBool>`not ${reviewed}`;
  return db
    .selectFrom('atp.training as t')
    .select((of) => [
      sql<number>`count(*)::integer`.as('total'),
      jsonBuildObject({
        would_watch: count(sql`t.label = 'would_watch'`),
        would_not_watch: count(sql`t.label = 'would_not_watch'`),
        none: count(sql`t.label is null`),
      }).as('label'),
      perTruth(reviewed).as('reviewed'),
      perTruth(sql`t.human_labeled`).as('human_labeled'),
      perTruth(sql`t.anomalous`).as('anomalous'),
      perType(sql`true`).as('media_type'),
      perType(unreviewed).as('unreviewed_media_type'),
      of.fn.min('t.created_at').filterWhere(unreviewed).as('unreviewed_oldest_created_at'),
      of.fn.min('t.created_at').as('oldest_created_at'),
      of.fn.max('t.created_at').as('newest_created_at'),
      of.fn.max('t.updated_at').as('newest_updated_at'),
    ])
    .executeTakeFirstOrThrow()
    .then(({ unreviewed_media_type, unreviewed_oldest_created_at, ...stats }) => ({
      ...stats,
      unreviewed: { media_type: unreviewed_media_type, oldest_created_at: unreviewed_oldest_created_at },
    }));
}
