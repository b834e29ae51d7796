import { createHash } from 'node:crypto';
import type { TrainingOrder } from '@at/contracts/training';
import { expressionBuilder, type SqlBool, sql } from 'kysely';
import type { SortKey } from '#lists/keyset.ts';
import { type ListInput, param, type Segment } from '#lists/list-statements.ts';
import { distanceKeys, doubtKey } from './columns.ts';
import type { TitleSelect, TitleShape, TitleTables } from './filters.ts';
import type { MovieFilterShape } from './movie-filters.ts';

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

/** The threshold of each request. */
const threshold = sql`${param(({ query: { threshold } }: ListInput<{ threshold?: number }>) => threshold)}::numeric`;
const distance = distanceKeys(threshold);

/** Either side of the threshold, and the label that contradicts what the model says there. */
const sides = {
  above: { condition: sql<SqlBool>`p.probability >= ${threshold}`, opposite: 'would_not_watch' },
  below: { condition: sql<SqlBool>`p.probability < ${threshold}`, opposite: 'would_watch' },
} as const;

type OrderShape = Pick<TitleShape, 'label'> & Pick<MovieFilterShape, 'cell'>;

/** Titles whose label differs from what the model says at the threshold, or all others; the farthest from it first. */
function distanceSegment<Row>(differs: boolean, { label, cell }: OrderShape, query: TitleSelect<Row>): Segment<Row> {
  const cells = differs ? ({ above: 'fp', below: 'fn' } as const) : ({ above: 'tp', below: 'tn' } as const);
  const branches = (['above', 'below'] as const).flatMap((side) => {
    const { opposite, condition } = sides[side];
    const isLabel = label !== undefined && label !== 'any';
    const isEmpty = differs ? isLabel && label !== opposite : label === opposite;
    // Where the filter leaves nothing, Postgres would look for it all the same.
    if (isEmpty || (cell !== undefined && cell !== cells[side] && !(differs && cell === 'errors'))) return [];
    const labelled = differs
      ? eb('t.label', '=', sql.lit(opposite))
      : eb.or([eb('t.label', 'is', null), eb('t.label', '<>', sql.lit(opposite))]);
    const all = eb.and([condition, labelled]);
    return [{ query: query.where(all), condition: all, key: distance[side] }];
  });
  const rows = query.where(branches.length === 0 ? sql.lit(false) : eb.or(branches.map(({ condition }) => condition)));
  const whole = { query: rows, key: distance.whole, id: sql.ref('p.imdb_id') };
  return branches.length === 0 ? whole : { ...whole, branches };
}

/**
 * The segments of an order over titles; `random` starts at a point that the seed of the request selects, and `disagree` needs
 * the threshold of the request.
 */
export function orderSegments<Row>(order: TrainingOrder, shape: OrderShape, query: TitleSelect<Row>): Segment<Row>[] {
  if (order === 'uncertain') return [{ id: sql.ref('p.imdb_id'), key: doubtKey('asc'), query }];
  if (order === 'disagree') return [true, false].map((differs) => distanceSegment(differs, shape, query));
  const start = param(({ query: { seed = '' } }: ListInput<{ seed?: string }>) =>
    createHash('md5').update(seed).digest('hex'),
  );
  return (['>=', '<'] as const).map((side) => ({
    query: query.where(sql`md5(t.imdb_id)`, side, start),
    key: shuffleKey,
    id: sql.ref('t.imdb_id'),
  }));
}
