import { type TrainingQuery, type TrainingRow, type TrainingStats, trainingDefaultSort } from '@at/contracts/training';
import { type MediaType, mediaTypes } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { expressionBuilder, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { jsonBuildObject } from 'kysely/helpers/postgres';
import { invalid } from '#http/api-error.ts';
import type { SortKey } from '#lists/keyset.ts';
import type { List, Segment } from '#lists/list-statements.ts';
import { isQuick } from '#lists/served.ts';
import { columnKey, titleColumns } from '#titles/columns.ts';
import {
  filtersPrediction,
  type TitleSelect,
  type TitleShape,
  type TitleTables,
  titleConditions,
  titleShape,
} from '#titles/filters.ts';
import { orderSegments } from '#titles/orders.ts';
import { served } from './served.ts';

const eb = expressionBuilder<TitleTables, 't' | 'p'>();

/** Parameters besides the filters that are part of the SQL, because they select columns or the order. */
const words = ['include', 'sort_by', 'sort_order', 'order'] as const;

/** The part of the parameters that the SQL depends on. */
export type TrainingShape = TitleShape & Pick<TrainingQuery, (typeof words)[number]>;

/** Throws 422 where order and sort_by contradict each other. */
export function trainingShape(query: TrainingQuery): TrainingShape {
  if (query.order !== undefined && query.sort_by !== undefined) {
    throw invalid('query', 'order', 'order and sort_by cannot be combined. Send one of them.');
  }
  return { ...titleShape(query), ...Object.fromEntries(words.map((name) => [name, query[name]])) };
}

const trainingColumns = [...titleColumns, 't.created_at', 't.updated_at'] as const;

const predictionColumns = [
  'p.prediction',
  'p.probability',
  'p.cm_value',
  'p.created_at as prediction_created_at',
] as const;

const id = sql.ref('t.imdb_id');

type Base = TitleSelect<TrainingRow>;

/** Titles alone; the prediction's table is not touched. */
function titles(db: Kysely<DB>, shape: TrainingShape): Base {
  const base = db.selectFrom('atp.training as t').select(trainingColumns);
  return (base as unknown as Base).where(eb.and(titleConditions(shape)));
}

function withPrediction(db: Kysely<DB>, shape: TrainingShape, join: 'inner' | 'left'): Base {
  const from = db.selectFrom('atp.training as t');
  const joined =
    join === 'inner'
      ? from.innerJoin('atp.prediction as p', 'p.imdb_id', 't.imdb_id')
      : from.leftJoin('atp.prediction as p', 'p.imdb_id', 't.imdb_id');
  const base = (joined as unknown as TitleSelect<object>)
    .select(trainingColumns)
    .select(predictionColumns) as unknown as Base;
  return base.where(eb.and(titleConditions(shape)));
}

function withoutPrediction(db: Kysely<DB>, shape: TrainingShape): Base {
  return withPrediction(db, shape, 'left').where('p.imdb_id', 'is', null);
}

function segmentsOf(db: Kysely<DB>, shape: TrainingShape): Segment<TrainingRow>[] {
  const { order, sort_by = trainingDefaultSort.sort_by, sort_order = trainingDefaultSort.sort_order } = shape;
  // Titles without a prediction come last, in the order of their ids.
  const unpredicted: Segment<TrainingRow> = {
    query: withoutPrediction(db, shape),
    key: columnKey('t.imdb_id', 'asc'),
    id,
  };
  if (order === 'uncertain' || order === 'disagree') {
    return [...orderSegments(order, shape, withPrediction(db, shape, 'inner')), unpredicted];
  }
  if (order === undefined && sort_by === 'probability') {
    const key = columnKey('p.probability', sort_order);
    return [{ query: withPrediction(db, shape, 'inner'), key, id: sql.ref('p.imdb_id') }, unpredicted];
  }
  const base = shape.include ? withPrediction(db, shape, 'left') : predictionAware(db, shape);
  if (order === 'random') return orderSegments(order, shape, base);
  const key: SortKey = columnKey(sort_by === 'probability' ? 'p.probability' : `t.${sort_by}`, sort_order);
  return [{ query: base, key, id }];
}

/** Without include the prediction is joined only where the filter needs it, and not shown. */
function predictionAware(db: Kysely<DB>, shape: TrainingShape): Base {
  if (!filtersPrediction(shape)) return titles(db, shape);
  return withPrediction(db, shape, 'inner').clearSelect().select(trainingColumns) as unknown as Base;
}

function isServed(shape: TrainingShape): boolean {
  const { filters, include: _, order, sort_by = trainingDefaultSort.sort_by, sort_order: __, ...words } = shape;
  return filters.length === 0 && isQuick(served, words, order ?? sort_by);
}

/** The list that the parameters describe. */
export function trainingList(db: Kysely<DB>, shape: TrainingShape): List<TrainingRow> {
  return {
    segments: segmentsOf(db, shape),
    idColumn: 'imdb_id',
    counted: predictionAware(db, shape).clearSelect(),
    isServed: isServed(shape),
  };
}

/** One title with its prediction; undefined if it does not exist. */
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
  // Formatted here, because timestamps inside JSON bypass the driver's parser.
  const oldestUnreviewed = (type: MediaType) =>
    sql<
      string | null
    >`to_char(min(t.created_at) filter (where t.media_type = ${sql.lit(type)} and ${unreviewed}), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
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
      jsonBuildObject(
        Object.fromEntries(mediaTypes.map((type) => [type, oldestUnreviewed(type)])) as Record<
          MediaType,
          RawBuilder<string | null>
        >,
      ).as('unreviewed_media_type_oldest'),
      of.fn.min('t.created_at').as('oldest_created_at'),
      of.fn.max('t.created_at').as('newest_created_at'),
      of.fn.max('t.updated_at').as('newest_updated_at'),
    ])
    .executeTakeFirstOrThrow()
    .then(({ unreviewed_media_type, unreviewed_oldest_created_at, unreviewed_media_type_oldest, ...stats }) => ({
      ...stats,
      unreviewed: {
        media_type: unreviewed_media_type,
        oldest_created_at: unreviewed_oldest_created_at,
        media_type_oldest_created_at: unreviewed_media_type_oldest,
      },
    }));
}
