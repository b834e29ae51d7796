import { wordOfFilter } from '@at/contracts/filter-words';
import type { MovieQuery, movieFilters } from '@at/contracts/movies';
import { type CmValue, cmValues, type Label } from '@at/contracts/vocabulary';
import { type Expression, expressionBuilder, type SqlBool, sql } from 'kysely';
import { type ListInput, param } from '#lists/list-statements.ts';
import { filtersPrediction, type TitleShape, type TitleTables, titleConditions, titleShape } from './filters.ts';

/** The filters of lists of titles with a prediction, besides those of every title. */

type Filter = Pick<MovieQuery, keyof typeof movieFilters>;

const eb = expressionBuilder<TitleTables, 't' | 'p'>();

/** Filters besides those of a title whose values are literals in the SQL. */
const words = ['prediction', 'cm_value', 'cell'] as const;

/** The part of the filters that the SQL depends on. */
export type MovieFilterShape = TitleShape & Pick<Filter, (typeof words)[number]> & { hasYear: boolean };

export function movieFilterShape(query: Filter): MovieFilterShape {
  return {
    ...titleShape(query),
    ...Object.fromEntries(words.map((name) => [name, query[name]])),
    hasYear: query.release_year !== undefined,
  };
}

/** Whether a filter concerns the prediction. */
export const needsPrediction = (shape: MovieFilterShape) =>
  filtersPrediction(shape) || words.some((name) => shape[name] !== undefined);

/** A value from each request. */
const value = <Value>(read: (query: Filter) => Value) => param(({ query }: ListInput<Filter>) => read(query));

/** The label and the side of the threshold that make a cell; numbers beyond 0 and 1 are no probabilities. */
const cells = {
  tp: ['would_watch', '<= 1 and p.probability >='],
  fp: ['would_not_watch', '<= 1 and p.probability >='],
  fn: ['would_watch', '>= 0 and p.probability <'],
  tn: ['would_not_watch', '>= 0 and p.probability <'],
} as const satisfies Record<CmValue, unknown>;

const threshold = sql<number>`${value((query) => query.threshold)}::numeric`;

function inCell(cell: CmValue): Expression<SqlBool> {
  const [label, side] = cells[cell];
  return eb.and([eb('t.label', '=', sql.lit(label)), sql<SqlBool>`p.probability ${sql.raw(side)} ${threshold}`]);
}

const cell = sql<CmValue | null>`case ${sql.join(
  cmValues.map((name) => sql`when ${inCell(name)} then ${sql.lit(name)}`),
  sql` `,
)} end`;

/** The cell of a title at the threshold of the request, null if it is in none, and that threshold. */
export const cellColumns = [cell.as('cell'), threshold.as('threshold')];

const verdict = sql<Label | null>`case when p.probability >= ${threshold} then 'would_watch'
  when p.probability < ${threshold} then 'would_not_watch' end`;

/** What the model says of a title at the threshold of the request, null without a prediction, and that threshold. */
export const verdictColumns = [verdict.as('verdict'), threshold.as('threshold')];

/** The conditions of the filters on a title and its prediction; a filter with a cell needs a threshold. */
export function movieConditions(shape: MovieFilterShape): Expression<SqlBool>[] {
  const all = titleConditions(shape);
  if (shape.prediction !== undefined) all.push(eb('p.prediction', '=', sql.lit(shape.prediction)));
  if (shape.cm_value === 'errors') all.push(eb('p.cm_value', 'in', [sql.lit('fp'), sql.lit('fn')]));
  else if (shape.cm_value !== undefined)
    all.push(eb('p.cm_value', '=', sql.lit(wordOfFilter(shape.cm_value) as CmValue)));
  // As smallint, the column's type, the planner knows how many titles a year has.
  if (shape.hasYear) all.push(sql<SqlBool>`t.release_year = ${value(({ release_year }) => release_year)}::smallint`);
  if (shape.cell === 'errors') all.push(eb.or([inCell('fp'), inCell('fn')]));
  else if (shape.cell !== undefined) all.push(inCell(shape.cell));
  return all;
}
