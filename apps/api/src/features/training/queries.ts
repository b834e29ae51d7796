import { type TrainingQuery, type TrainingRow, type TrainingStats, trainingDefaultSort } from '@at/contracts/training';
import { labels, mediaTypes } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { hasCalendarTime } from '@at/db/timestamp';
import { type CompiledQuery, expressionBuilder, type Kysely, sql } from 'kysely';
import { invalid } from '#http/api-error.ts';
import { countsBy, earliest, latest, sumOf } from '#lists/grouped-counts.ts';
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
import { verdictColumns } from '#titles/movie-filters.ts';
import { orderSegments } from '#titles/orders.ts';
import { posterColumn } from '#titles/poster-column.ts';
import { served } from './served.ts';

const eb = expressionBuilder<TitleTables, 't' | 'p'>();

/** Parameters besides the filters that are part of the SQL, because they select columns or the order. */
const words = ['include', 'sort_by', 'sort_order', 'order'] as const;

/** The part of the parameters that the SQL depends on. */
export type TrainingShape = TitleShape &
  Pick<TrainingQuery, (typeof words)[number]> & {
    /** Whether each row has the verdict at the threshold of the request; with `include`. */
    showsVerdict?: boolean;
    /** Whether each row has its poster; with `include`. */
    showsPoster?: boolean;
  };

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
    .select(predictionColumns)
    .select(shape.showsVerdict ? verdictColumns : [])
    .select(shape.showsPoster ? [posterColumn] : []) as unknown as Base;
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
  const {
    filters,
    include: _,
    showsVerdict: __,
    showsPoster: ____,
    order,
    sort_by = trainingDefaultSort.sort_by,
    sort_order: ___,
    ...words
  } = shape;
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

/** One title with its prediction. */
export function titleStatement(db: Kysely<DB>, imdbId: string, showsPoster: boolean): CompiledQuery<TrainingRow> {
  return withPrediction(db, { filters: [], showsPoster }, 'left').where('t.imdb_id', '=', imdbId).compile();
}

export async function titleExists(db: Kysely<DB>, imdbId: string): Promise<boolean> {
  const found = await db.selectFrom('atp.training').select('imdb_id').where('imdb_id', '=', imdbId).executeTakeFirst();
  return found !== undefined;
}

type TitleGroup = {
  label: string | null;
  reviewed: boolean;
  human_labeled: boolean;
  anomalous: boolean;
  media_type: string;
  count: number;
  oldest_created_at: string | null;
  newest_created_at: string | null;
  newest_updated_at: string | null;
};

/** Counts over the whole table in one pass. */
export async function countTitles(db: Kysely<DB>): Promise<TrainingStats> {
  const [createdInCalendar, updatedInCalendar] = ['t.created_at', 't.updated_at'].map((time) =>
    sql.raw(hasCalendarTime(time)),
  );
  const { rows } = await sql<TitleGroup>`
    select t.label::text, coalesce(t.reviewed, false) as reviewed, t.human_labeled, t.anomalous, t.media_type::text,
      count(*)::integer as count,
      min(t.created_at) filter (where ${createdInCalendar}) as oldest_created_at,
      max(t.created_at) filter (where ${createdInCalendar}) as newest_created_at,
      max(t.updated_at) filter (where ${updatedInCalendar}) as newest_updated_at
    from atp.training as t
    group by t.label, coalesce(t.reviewed, false), t.human_labeled, t.anomalous, t.media_type
  `.execute(db);
  type Flags = TrainingStats['reviewed'];
  const byFlag = (flag: 'reviewed' | 'human_labeled' | 'anomalous') =>
    countsBy(rows, ['true', 'false'], (row) => String(row[flag])) as Flags;
  const byType = (some: TitleGroup[]) =>
    countsBy(some, mediaTypes, (row) => row.media_type) as TrainingStats['media_type'];
  const unreviewed = rows.filter(({ reviewed }) => !reviewed);
  const unreviewedTypes = byType(unreviewed);
  const oldestOf = (some: TitleGroup[]) => earliest(some.map((row) => row.oldest_created_at));
  return {
    total: sumOf(rows),
    label: countsBy(rows, [...labels, 'none'], (row) => row.label) as TrainingStats['label'],
    reviewed: byFlag('reviewed'),
    human_labeled: byFlag('human_labeled'),
    anomalous: byFlag('anomalous'),
    media_type: byType(rows),
    unreviewed: {
      media_type: unreviewedTypes,
      media_type_unlabelled: byType(unreviewed.filter(({ label }) => label === null)),
      oldest_created_at: oldestOf(unreviewed),
      media_type_oldest_created_at: Object.fromEntries(
        Object.keys(unreviewedTypes).map((type) => [
          type,
          oldestOf(unreviewed.filter(({ media_type }) => media_type === type)),
        ]),
      ) as TrainingStats['unreviewed']['media_type_oldest_created_at'],
    },
    oldest_created_at: oldestOf(rows),
    newest_created_at: latest(rows.map((row) => row.newest_created_at)),
    newest_updated_at: latest(rows.map((row) => row.newest_updated_at)),
  };
}
