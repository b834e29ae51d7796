import { wordOfFilter } from '@at/contracts/filter-words';
import { type TrainingQuery, type trainingFilters, trainingRanges } from '@at/contracts/training';
import type { AtpPrediction, AtpTraining, DB } from '@at/db/schema';
import { type Expression, expressionBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { type ListInput, param } from '#lists/list-statements.ts';
import { holdsText, isTitle, matchesSearch, type TitleSearch, titleSearch } from '#lists/title-search.ts';
import { isDecision, isUndone } from './decisions.ts';

/** What lists of titles are filtered by: of a title (`t`) and of its prediction (`p`), where the list joins it. */

export type TitleTables = DB & { t: AtpTraining; p: AtpPrediction };
export type TitleSelect<Row> = SelectQueryBuilder<TitleTables, 't' | 'p', Row>;

type TitleQuery = Pick<TrainingQuery, keyof typeof trainingFilters>;

const eb = expressionBuilder<TitleTables, 't' | 'p'>();

/** The filters whose values are literals in the SQL, because a partial index matches no placeholder. */
const words = [
  'media_type',
  'label',
  'reviewed',
  'human_labeled',
  'anomalous',
  'decided_undone',
  'decided_in_bulk',
] as const;

/** Conditions on a label event of the title: one event must match all of them. */
const ofDecision = {
  decided_by: () => sql<SqlBool>`e.actor = ${value((query) => query.decided_by)}`,
  decided_at_min: () => sql<SqlBool>`e.at >= ${value((query) => query.decided_at_min)}::timestamptz`,
  decided_at_max: () => sql<SqlBool>`e.at <= ${value((query) => query.decided_at_max)}::timestamptz`,
};
const ofDecisionNames = Object.keys(ofDecision) as (keyof typeof ofDecision)[];

const valued = [
  ...ofDecisionNames,
  'imdb_id',
  'title',
  'media_title',
  'genre',
  'origin_country',
  'original_language',
  ...trainingRanges.flatMap((column) => [`${column}_min`, `${column}_max`] as const),
] as const;

/** How a search finds titles: by the start of an IMDb id, or by their words. */
type Search = 'id' | TitleSearch;

/** The part of the filters that the SQL depends on: the literals, and which others are set. */
export type TitleShape = Pick<TitleQuery, (typeof words)[number]> & {
  search?: Search;
  filters: (keyof TitleQuery)[];
};

export function titleShape(query: TitleQuery): TitleShape {
  return {
    ...Object.fromEntries(words.map((name) => [name, query[name]])),
    ...(query.q === undefined ? {} : { search: searchOf(query.q) }),
    filters: valued.filter((name) => query[name] !== undefined),
  };
}

/** A value from each request. */
const value = <Value>(read: (query: TitleQuery) => Value) => param(({ query }: ListInput<TitleQuery>) => read(query));

const searchOf = (q: string): Search => (/^\s*tt\d+\s*$/i.test(q) ? 'id' : titleSearch(q));

function searchCondition(search: Search): Expression<SqlBool> {
  if (search !== 'id') return matchesSearch(sql.ref('t.media_title'), search);
  return eb(
    't.imdb_id',
    'like',
    value(({ q = '' }) => `${q.trim().toLowerCase()}%`),
  );
}

/** Whether a filter concerns the prediction. */
export function filtersPrediction({ filters }: TitleShape): boolean {
  return filters.includes('probability_min') || filters.includes('probability_max');
}

/** The conditions on the flags and the type, with literal values. */
export function flagConditions(
  asked: Pick<TitleQuery, 'media_type' | 'reviewed' | 'human_labeled' | 'anomalous'>,
): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (asked.media_type !== undefined) all.push(sql<SqlBool>`t.media_type = ${sql.lit(wordOfFilter(asked.media_type))}`);
  // The same expression as in the indexes: a title never set counts as not reviewed.
  if (asked.reviewed !== undefined) {
    all.push(eb(eb.fn.coalesce('t.reviewed', sql.lit(false)), '=', sql.lit(asked.reviewed)));
  }
  if (asked.human_labeled !== undefined) all.push(eb('t.human_labeled', '=', sql.lit(asked.human_labeled)));
  if (asked.anomalous !== undefined) all.push(eb('t.anomalous', '=', sql.lit(asked.anomalous)));
  return all;
}

/** The conditions of the filters on a title and its prediction. */
export function titleConditions({ filters, ...shape }: TitleShape): Expression<SqlBool>[] {
  const all = flagConditions(shape);
  if (shape.label === 'none') all.push(eb('t.label', 'is', null));
  else if (shape.label === 'any') all.push(eb('t.label', 'is not', null));
  else if (shape.label !== undefined) all.push(sql<SqlBool>`t.label = ${sql.lit(wordOfFilter(shape.label))}`);
  if (shape.search !== undefined) all.push(searchCondition(shape.search));
  if (filters.includes('imdb_id')) all.push(sql<SqlBool>`t.imdb_id = any(${value(({ imdb_id }) => imdb_id)}::text[])`);
  if (filters.includes('title')) all.push(isTitle(sql.ref('t.media_title')));
  if (filters.includes('media_title')) all.push(holdsText(sql.ref('t.media_title')));
  if (filters.includes('genre')) all.push(sql<SqlBool>`t.genre && ${value(({ genre }) => genre)}::varchar[]`);
  if (filters.includes('origin_country')) {
    const codes = value(({ origin_country }) => origin_country?.map((code) => code.toUpperCase()));
    all.push(sql<SqlBool>`t.origin_country && ${codes}::bpchar[]`);
  }
  if (filters.includes('original_language')) {
    const codes = value(({ original_language }) => original_language?.map((code) => code.toLowerCase()));
    all.push(sql<SqlBool>`t.original_language = any(${codes}::bpchar[])`);
  }
  const { decided_undone, decided_in_bulk } = shape;
  const decided: Expression<SqlBool>[] = ofDecisionNames
    .filter((name) => filters.includes(name))
    .map((name) => ofDecision[name]());
  if (decided_undone !== undefined) {
    decided.push(isDecision, decided_undone ? isUndone : sql<SqlBool>`not ${isUndone}`);
  }
  if (decided.length > 0) {
    if (decided_in_bulk !== true) decided.push(sql<SqlBool>`e.operation_id is null`);
    all.push(sql<SqlBool>`exists (select from console.label_event as e
      where e.imdb_id = t.imdb_id and ${sql.join(decided, sql` and `)})`);
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
