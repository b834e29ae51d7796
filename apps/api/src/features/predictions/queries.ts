import {
  type EvaluationQuery,
  histogramBins,
  type PredictionQuery,
  type PredictionRow,
  predictionDefaultSort,
  type SliceDimension,
} from '@at/contracts/predictions';
import type { DB } from '@at/db/schema';
import { type CompiledQuery, expressionBuilder, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { type List, type ListInput, param } from '#lists/list-statements.ts';
import { isQuick } from '#lists/served.ts';
import { columnKey } from '#titles/columns.ts';
import { flagConditions, type TitleTables } from '#titles/filters.ts';
import { type BinRow, noBin, type OtherWordsRow, type SliceRow } from './rules.ts';
import { served } from './served.ts';

const eb = expressionBuilder<TitleTables, 't' | 'p'>();

const words = ['prediction', 'cm_value', 'sort_by', 'sort_order'] as const;

/** The part of the parameters that the SQL depends on. */
export type PredictionShape = Pick<PredictionQuery, (typeof words)[number]> & { hasIds: boolean };

export function predictionShape(query: PredictionQuery): PredictionShape {
  return {
    ...Object.fromEntries(words.map((name) => [name, query[name]])),
    hasIds: query.imdb_id !== undefined,
  };
}

/** The list that the parameters describe. */
export function predictionList(db: Kysely<DB>, shape: PredictionShape): List<PredictionRow> {
  const {
    prediction,
    cm_value,
    hasIds,
    sort_by = predictionDefaultSort.sort_by,
    sort_order = predictionDefaultSort.sort_order,
  } = shape;
  let filtered = db.selectFrom('atp.prediction as p');
  if (prediction !== undefined) filtered = filtered.where('p.prediction', '=', sql.lit(prediction));
  if (cm_value !== undefined) filtered = filtered.where('p.cm_value', '=', sql.lit(cm_value));
  if (hasIds) {
    const ids = param(({ query }: ListInput<PredictionQuery>) => query.imdb_id);
    filtered = filtered.where(sql<SqlBool>`p.imdb_id = any(${ids}::text[])`);
  }
  const query = filtered.select(['p.imdb_id', 'p.prediction', 'p.probability', 'p.cm_value', 'p.created_at']);
  return {
    segments: [{ query, key: columnKey(`p.${sort_by}`, sort_order), id: sql.ref('p.imdb_id') }],
    idColumn: 'imdb_id',
    counted: filtered,
    isServed: !hasIds && isQuick(served, { prediction, cm_value }, sort_by),
  };
}

type Scope = Pick<EvaluationQuery, 'media_type' | 'reviewed' | 'anomalous'>;

const wouldWatch = sql<SqlBool>`t.label = 'would_watch'`;
const wouldNotWatch = sql<SqlBool>`t.label = 'would_not_watch'`;
/** Without a label, or with one that is in no cell. */
const unlabelled = sql<SqlBool>`(t.label = any('{would_watch,would_not_watch}')) is not true`;
const otherLabel = sql<SqlBool>`not (t.label = any('{would_watch,would_not_watch}'))`;
const otherCell = sql<SqlBool>`p.cm_value <> all('{tp,tn,fp,fn}')`;
/** The owner may have dropped the check: NaN, infinities, and others. */
const isProbability = sql<SqlBool>`p.probability between 0 and 1`;
/** As integers: adding them up again costs a fraction of what it does with the numerics that sums of bigints are. */
const count = (condition: RawBuilder<unknown>) => sql`(count(*) filter (where ${condition}))::integer`;

/** The predictions of the titles in scope. */
function judged(scope: Scope, ...others: RawBuilder<SqlBool>[]) {
  const conditions = eb.and([...flagConditions(scope), ...others]);
  return sql`atp.prediction as p join atp.training as t on t.imdb_id = p.imdb_id where ${conditions}`;
}

/**
 * What an evaluation adds up, per bin of the histogram, from every prediction in scope. First per distinct probability,
 * so that the order of pairs, and which probability is at or above the threshold, are exact.
 */
export function binsStatement(db: Kysely<DB>, scope: Scope, threshold: number): CompiledQuery<BinRow> {
  return sql<BinRow>`
    with levels as (
      select
        p.probability,
        ${count(wouldWatch)} as would_watch,
        ${count(wouldNotWatch)} as would_not_watch,
        ${count(unlabelled)} as unlabelled,
        ${count(sql`${otherLabel} or ${otherCell}`)} as others,
        ${count(sql`p.cm_value = 'tp'`)} as recorded_tp,
        ${count(sql`p.cm_value = 'tn'`)} as recorded_tn,
        ${count(sql`p.cm_value = 'fp'`)} as recorded_fp,
        ${count(sql`p.cm_value = 'fn'`)} as recorded_fn,
        ${count(sql`${wouldWatch} and p.cm_value = 'tp'`)} as stored_tp,
        ${count(sql`${wouldWatch} and p.cm_value = 'fn'`)} as stored_fn,
        ${count(sql`${wouldNotWatch} and p.cm_value = 'fp'`)} as stored_fp,
        ${count(sql`${wouldNotWatch} and p.cm_value = 'tn'`)} as stored_tn,
        ${count(sql`${wouldWatch} and p.cm_value in ('fp', 'tn') or ${wouldNotWatch} and p.cm_value in ('tp', 'fn')`)}
          as relabelled
      from ${judged(scope)}
      group by p.probability
    ),
    ranked as (
      select *,
        case when probability between 0 and 1
          then least(floor(probability * ${sql.lit(histogramBins)}), ${sql.lit(histogramBins - 1)})::integer
          else ${sql.lit(noBin)} end as bin,
        probability >= ${threshold}::numeric as is_yes,
        sum(would_not_watch) filter (where probability >= 0) over (order by probability) - would_not_watch as below
      from levels
    )
    select
      bin,
      sum(would_watch) as would_watch,
      sum(would_not_watch) as would_not_watch,
      sum(unlabelled) as unlabelled,
      sum(others) as others,
      coalesce(sum(would_watch) filter (where probability = 1), 0) as certain_would_watch,
      coalesce(sum(would_not_watch) filter (where probability = 1), 0) as certain_would_not_watch,
      coalesce(sum(would_watch) filter (where is_yes), 0) as tp,
      coalesce(sum(would_not_watch) filter (where not is_yes), 0) as tn,
      coalesce(sum(would_not_watch) filter (where is_yes), 0) as fp,
      coalesce(sum(would_watch) filter (where not is_yes), 0) as fn,
      sum(recorded_tp) as recorded_tp,
      sum(recorded_tn) as recorded_tn,
      sum(recorded_fp) as recorded_fp,
      sum(recorded_fn) as recorded_fn,
      sum(would_watch + would_not_watch - case when is_yes then stored_tp + stored_fp else stored_fn + stored_tn end)
        as disagree,
      sum(relabelled) as relabelled,
      sum((would_watch + would_not_watch) * probability) filter (where bin >= 0)::float8 as probability_sum,
      sum(would_watch * (1 - probability::float8) ^ 2 + would_not_watch * probability::float8 ^ 2)
        filter (where bin >= 0) as squared_error_sum,
      sum(would_watch * (2 * below + would_not_watch)) filter (where bin >= 0)::float8 / 2 as pairs_in_order
    from ranked
    group by bin
    order by bin
  `.compile(db);
}

/** Predictions in scope whose label or cm_value is in no cell, by both; without those that are no probability. */
export function otherWordsStatement(db: Kysely<DB>, scope: Scope): CompiledQuery<OtherWordsRow> {
  return sql<OtherWordsRow>`
    select case when ${otherLabel} then t.label::text end as label, case when ${otherCell} then p.cm_value::text end as cm_value,
      count(*)::integer as count
    from ${judged(scope, isProbability, sql`(${otherLabel} or ${otherCell})`)}
    group by t.label, p.cm_value
  `.compile(db);
}

/** The expression for the slices of a title; a list gives each of its distinct values. */
const slicers: Record<SliceDimension, [column: RawBuilder<unknown>, slices: RawBuilder<unknown>]> = {
  genre: [sql`t.genre`, sql`select distinct unnest(said)::text`],
  decade: [sql`t.release_year`, sql`select (floor(said / 10.0) * 10)::integer::text`],
  country: [sql`t.origin_country`, sql`select distinct rtrim(unnest(said)::text)`],
  language: [sql`t.original_language`, sql`select rtrim(said::text)`],
  // The last band holds 100 as well.
  rating: [
    sql`t.imdb_rating`,
    sql`select case when said between 0 and 100 then (least(floor(said / 10), 9) * 10)::text end`,
  ],
};

/**
 * The matrix of the whole and of each slice, of every prediction in scope. First per value of the column, of which there
 * are few, so that titles are read once and none of them is multiplied by its slices.
 */
export function slicesStatement(
  db: Kysely<DB>,
  by: SliceDimension,
  scope: Scope,
  threshold: number,
): CompiledQuery<SliceRow> {
  const isYes = sql<SqlBool>`p.probability >= ${threshold}::numeric`;
  const [column, slices] = slicers[by];
  const sums = sql.join(
    ['unlabelled', 'tp', 'tn', 'fp', 'fn'].map((name) => sql`coalesce(sum(${sql.ref(name)}), 0) as ${sql.ref(name)}`),
  );
  return sql<SliceRow>`
    with counted as (
      select
        ${column} as said,
        ${count(unlabelled)} as unlabelled,
        ${count(sql`${wouldWatch} and ${isYes}`)} as tp,
        ${count(sql`${wouldNotWatch} and not ${isYes}`)} as tn,
        ${count(sql`${wouldNotWatch} and ${isYes}`)} as fp,
        ${count(sql`${wouldWatch} and not ${isYes}`)} as fn
      from ${judged(scope, isProbability)}
      group by said
    )
    select null as slice, ${sums} from counted
    union all
    select slice, ${sums}
    from counted cross join lateral (${slices}) as sliced(slice)
    where slice is not null
    group by slice
  `.compile(db);
}
