import { wordOfFilter } from '@at/contracts/filter-words';
import {
  type AgreementPeriod,
  type agreementPeriods,
  type Evaluation,
  type EvaluationQuery,
  histogramBins,
  type PredictionQuery,
  type PredictionRow,
  predictionDefaultSort,
  type SliceDimension,
} from '@at/contracts/predictions';
import type { DB } from '@at/db/schema';
import { entriesOf, pairsWhere } from '@at/domain/predictions/queries';
import { hundredths } from '@at/domain/predictions/rules';
import { type CompiledQuery, expressionBuilder, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { type List, type ListInput, param } from '#lists/list-statements.ts';
import { isQuick } from '#lists/served.ts';
import { columnKey } from '#titles/columns.ts';
import { flagConditions, type TitleTables } from '#titles/filters.ts';
import {
  type BinRow,
  evaluate,
  type GridRow,
  hasOtherWords,
  noBin,
  type OtherWordsRow,
  pairsInOrder,
  type RankRow,
  type SliceRow,
  thresholdBin,
} from './rules.ts';
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
  if (cm_value !== undefined) filtered = filtered.where('p.cm_value', '=', sql.lit(wordOfFilter(cm_value)));
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

/** How often the label of a decision is what the model said at the threshold, by period. */
export function agreementStatement(
  db: Kysely<DB>,
  { by, periods, threshold }: { by: (typeof agreementPeriods)[number]; periods: number; threshold: number },
): CompiledQuery<AgreementPeriod> {
  const step = sql`('1 ' || ${by})::interval`;
  return sql<AgreementPeriod>`
    with periods as materialized (
      select last - (${periods}::integer - 1 - n) * ${step} as start
      from (select date_trunc(${by}, now() at time zone 'UTC') as last) as current,
        generate_series(0, ${periods}::integer - 1) as n
    ), decided as (
      select date_trunc(${by}, e.at at time zone 'UTC') as start,
        (e.after ->> 'label' = 'would_watch')
          = (case when jsonb_typeof(e.shown -> 'probability') = 'number'
            then (e.shown ->> 'probability')::numeric end >= ${threshold}::numeric) as agrees,
        e.shown -> 'blind' is not distinct from 'true'::jsonb as blind
      from console.label_event as e
      where e.at >= (select min(start) from periods) at time zone 'UTC'
        and e.action <> 'undo' and e.operation_id is null
        and e.after ->> 'label' in ('would_watch', 'would_not_watch')
        -- The label was set or confirmed; a mark alone is no decision about it.
        and (e.before ->> 'label' is distinct from e.after ->> 'label'
          or (e.after -> 'reviewed' = 'true' and e.before -> 'reviewed' <> 'true'))
        and not exists (select from console.label_event as u where u.undoes = e.event_id)
    )
    select to_char(p.start, 'YYYY-MM-DD') as "from", count(d.agrees)::integer as decisions,
      (count(*) filter (where d.agrees))::integer as agreed,
      (count(d.agrees) filter (where d.blind))::integer as blind_decisions,
      (count(*) filter (where d.agrees and d.blind))::integer as blind_agreed
    from periods as p left join decided as d on d.start = p.start
    group by p.start order by p.start
  `.compile(db);
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
function binsStatement(db: Kysely<DB>, scope: Scope, threshold: number): CompiledQuery<BinRow> {
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
      sum(would_watch * (1 - probability) * (1 - probability) + would_not_watch * probability * probability)
        filter (where bin >= 0)::float8 as squared_error_sum,
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

/** The statements above, over the totals; in a transaction of `EvaluationTotals`. */

const inScope = ({ media_type, reviewed, anomalous }: Scope) =>
  sql.join(
    [
      ...(media_type === undefined ? [] : [sql`media_type = ${media_type}`]),
      ...(reviewed === undefined ? [] : [sql`reviewed = ${reviewed}`]),
      ...(anomalous === undefined ? [] : [sql`anomalous = ${anomalous}`]),
      sql`true`,
    ],
    sql` and `,
  );

/**
 * Totals in scope of the whole and of some dimensions, by whether they are at or above the threshold. A bin that the
 * threshold divides is counted from its titles.
 */
function totalsAt(scope: Scope, threshold: number, dimensions: SliceDimension[] = []) {
  const bin = thresholdBin(threshold);
  const isDivided = bin % 2 === 1;
  const hundredth = Math.floor(bin / 20);
  const totals = (dimension: SliceDimension | '', isYes: RawBuilder<unknown>, bins: RawBuilder<unknown>) => sql`
    select dimension, slice, bin, label, cm_value, titles, probability_sum, square_sum, ${isYes} as is_yes
    from console.evaluation_total
    where dimension = ${dimension} and ${inScope(scope)} and ${bins}
  `;
  const isYes = sql`bin >= ${bin}::integer`;
  const undivided = sql`bin <> ${isDivided ? bin : noBin - 1}::integer`;
  const parts = [
    totals('', isYes, undivided),
    ...dimensions.flatMap((dimension) => [
      totals(dimension, isYes, sql`${undivided} and bin between ${20 * hundredth} and ${20 * hundredth + 19}`),
      totals(
        dimension,
        sql`bin > ${hundredths + hundredth}::integer`,
        sql`bin >= ${sql.lit(hundredths)} and bin <> ${hundredths + hundredth}::integer`,
      ),
    ]),
  ];
  if (isDivided) {
    const [from, to] = [sql.lit((bin - 1) / 2000), sql.lit((bin + 1) / 2000)];
    const pairs = pairsWhere(sql<SqlBool>`p.probability > ${from} and p.probability < ${to}`);
    parts.push(sql`
      select dimension, slice, bin, label, cm_value, sum(sign), sum(amount), sum(amount * amount),
        probability >= ${threshold}::numeric as is_yes
      from ${entriesOf(pairs, dimensions)}
      where bin = total_bin and ${inScope(scope)}
      group by dimension, slice, bin, label, cm_value, is_yes
    `);
  }
  return sql.join(parts, sql` union all `);
}

const isYes = sql<SqlBool>`label = 'would_watch'`;
const isNo = sql<SqlBool>`label = 'would_not_watch'`;
const isOther = sql<SqlBool>`label not in ('would_watch', 'would_not_watch')`;
const isOtherCell = sql<SqlBool>`cm_value not in ('tp', 'tn', 'fp', 'fn')`;
const titlesWhere = (condition: RawBuilder<unknown>) => sql`coalesce(sum(titles) filter (where ${condition}), 0)`;
const cellsAtThreshold = sql`
  ${titlesWhere(sql`${isYes} and is_yes`)} as tp,
  ${titlesWhere(sql`${isNo} and not is_yes`)} as tn,
  ${titlesWhere(sql`${isNo} and is_yes`)} as fp,
  ${titlesWhere(sql`${isYes} and not is_yes`)} as fn
`;

function binsOfTotals(db: Kysely<DB>, scope: Scope, threshold: number): CompiledQuery<BinRow & GridRow> {
  const isRelabelled = sql`${isYes} and cm_value in ('fp', 'tn') or ${isNo} and cm_value in ('tp', 'fn')`;
  const isOnGrid = sql`bin & 1 = 0 and bin < ${sql.lit(2 * histogramBins)}`;
  const isStored = sql`${isYes} and cm_value = case when is_yes then 'tp' else 'fn' end
    or ${isNo} and cm_value = case when is_yes then 'fp' else 'tn' end`;
  return sql<BinRow & GridRow>`
    with counted as (${totalsAt(scope, threshold)})
    select
      least(bin >> 1, ${sql.lit(histogramBins - 1)}) as bin,
      ${titlesWhere(isYes)} as would_watch,
      ${titlesWhere(isNo)} as would_not_watch,
      ${titlesWhere(sql`(${isYes} or ${isNo}) is not true`)} as unlabelled,
      ${titlesWhere(sql`${isOther} or ${isOtherCell}`)} as others,
      ${titlesWhere(sql`${isYes} and bin = ${sql.lit(2 * histogramBins)}`)} as certain_would_watch,
      ${titlesWhere(sql`${isNo} and bin = ${sql.lit(2 * histogramBins)}`)} as certain_would_not_watch,
      ${cellsAtThreshold},
      ${titlesWhere(sql`cm_value = 'tp'`)} as recorded_tp,
      ${titlesWhere(sql`cm_value = 'tn'`)} as recorded_tn,
      ${titlesWhere(sql`cm_value = 'fp'`)} as recorded_fp,
      ${titlesWhere(sql`cm_value = 'fn'`)} as recorded_fn,
      ${titlesWhere(sql`${isYes} or ${isNo}`)} - ${titlesWhere(isStored)} as disagree,
      ${titlesWhere(isRelabelled)} as relabelled,
      coalesce(sum(probability_sum) filter (where ${isYes} or ${isNo}), 0)::float8 as probability_sum,
      coalesce(sum(square_sum + case when ${isYes} then titles - 2 * probability_sum else 0 end)
        filter (where ${isYes} or ${isNo}), 0)::float8 as squared_error_sum,
      0 as pairs_in_order,
      ${titlesWhere(sql`${isYes} and ${isOnGrid}`)} as grid_would_watch,
      ${titlesWhere(sql`${isNo} and ${isOnGrid}`)} as grid_would_not_watch
    from counted
    group by 1
    having sum(titles) > 0
    order by 1
  `.compile(db);
}

/** The labelled titles between two thousandths, in ascending order of their probability. */
const ranksStatement = (db: Kysely<DB>): CompiledQuery<RankRow> =>
  sql<RankRow>`select bin, ranks from console.evaluation_rank where ranks <> '' order by bin`.compile(db);

function otherWordsOfTotals(db: Kysely<DB>, scope: Scope): CompiledQuery<OtherWordsRow> {
  return sql<OtherWordsRow>`
    select case when ${isOther} then label end as label, case when ${isOtherCell} then cm_value end as cm_value,
      sum(titles) as count
    from console.evaluation_total
    where dimension = '' and bin >= 0 and (${isOther} or ${isOtherCell}) and ${inScope(scope)}
    group by 1, 2
    having sum(titles) > 0
  `.compile(db);
}

export function slicesOfTotals(
  db: Kysely<DB>,
  by: SliceDimension,
  scope: Scope,
  threshold: number,
): CompiledQuery<SliceRow> {
  const sums = sql`${titlesWhere(sql`(${isYes} or ${isNo}) is not true`)} as unlabelled, ${cellsAtThreshold}`;
  return sql<SliceRow>`
    with counted as materialized (
      select dimension, slice, label, is_yes, sum(titles) as titles
      from (${totalsAt(scope, threshold, [by])}) as total
      where bin >= 0
      group by dimension, slice, label, is_yes
    )
    select null as slice, ${sums} from counted where dimension = ''
    union all
    select slice, ${sums} from counted where dimension <> '' group by slice having sum(titles) > 0
  `.compile(db);
}

/** Runs a compiled statement and returns all its rows; rejects with the error of the driver. */
export type Read = <Row>(statement: CompiledQuery<Row>) => Promise<Row[]>;

/** The evaluation from every title in scope. */
export async function evaluationOfRows(
  db: Kysely<DB>,
  read: Read,
  scope: EvaluationQuery,
  threshold: number,
): Promise<Evaluation> {
  const bins = await read(binsStatement(db, scope, threshold));
  const otherWords = hasOtherWords(bins) ? await read(otherWordsStatement(db, scope)) : [];
  return evaluate(bins, otherWords, threshold);
}

/** The same from totals that are up to date. */
export async function evaluationOfTotals(
  db: Kysely<DB>,
  read: Read,
  scope: EvaluationQuery,
  threshold: number,
): Promise<Evaluation> {
  const bins = await read(binsOfTotals(db, scope, threshold));
  const otherWords = hasOtherWords(bins) ? await read(otherWordsOfTotals(db, scope)) : [];
  const ranks = await read(ranksStatement(db));
  return evaluate(bins, otherWords, threshold, pairsInOrder(bins, ranks, scope));
}
