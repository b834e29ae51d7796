import { createHash } from 'node:crypto';
import type { TrainingOrder } from '@at/contracts/training';
import { type Expression, expressionBuilder, type SqlBool, sql } from 'kysely';
import type { SortKey } from '#lists/keyset.ts';
import { type ListInput, param, type Segment } from '#lists/list-statements.ts';
import { doubtKey } from './columns.ts';
import type { TitleSelect, TitleShape, TitleTables } from './filters.ts';

/** The orders of titles that are not a column. */

const eb = expressionBuilder<TitleTables, 't' | 'p'>();

const shuffleKey: SortKey = {
  expression: sql`md5(t.imdb_id)`,
  fromCursor: (value) => sql`md5(${value})`,
  column: 'imdb_id',
  nullable: false,
  direction: 'asc',
  indexed: true,
};

/**
 * Titles whose label is would_watch on the one prediction and would_not_watch on the other. Spelled out, because
 * Postgres has statistics for each value, but assumes that two columns are hardly ever equal.
 */
function labelledAs(onWouldWatch: 0 | 1, onWouldNotWatch: 0 | 1): Expression<SqlBool> {
  return eb.or([
    eb.and([eb('t.label', '=', sql.lit('would_watch')), eb('p.prediction', '=', sql.lit(onWouldWatch))]),
    eb.and([eb('t.label', '=', sql.lit('would_not_watch')), eb('p.prediction', '=', sql.lit(onWouldNotWatch))]),
  ]);
}

/** The segments of an order over titles; `random` starts at a point that the seed of the request selects. */
export function orderSegments<Row>(
  order: TrainingOrder,
  { label }: Pick<TitleShape, 'label'>,
  query: TitleSelect<Row>,
): Segment<Row>[] {
  const predicted = { id: sql.ref('p.imdb_id') };
  if (order === 'uncertain') return [{ ...predicted, key: doubtKey('asc'), query }];
  if (order === 'disagree') {
    // Without a label there is nothing to differ; Postgres would look for it all the same.
    const differs = label === 'none' ? sql.lit(false) : labelledAs(0, 1);
    const agrees = eb.or([labelledAs(1, 0), eb('t.label', 'is', null)]);
    const key = doubtKey('desc');
    return [differs, agrees].map((condition) => ({ ...predicted, key, query: query.where(condition) }));
  }
  const start = param(({ query: { seed = '' } }: ListInput<{ seed?: string }>) =>
    createHash('md5').update(seed).digest('hex'),
  );
  return (['>=', '<'] as const).map((side) => ({
    query: query.where(sql`md5(t.imdb_id)`, side, start),
    key: shuffleKey,
    id: sql.ref('t.imdb_id'),
  }));
}
