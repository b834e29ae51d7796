import type { MovieQuery, MovieRow } from '@at/contracts/movies';
import type { RowStatement } from '@at/pg-json-rows';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { movieList, movieShape } from '#features/movies/queries.ts';
import { served } from '#features/movies/served.ts';
import type { Position } from '#lists/keyset.ts';
import { type ListInput, ListStatements, type Segment } from '#lists/list-statements.ts';
import { withThreshold } from '#titles/threshold.ts';
import { deep, faultsOf, openPlans, type Plans, quickOf, rowsOf } from './query-plans.ts';

/** Reads the plans of what the console's page of predictions requests. */

let plans: Plans;

beforeAll(async () => {
  plans = await openPlans();
});
afterAll(() => plans.close());

const limit = 21;

function statementsOf(text: string) {
  const given = [...new URLSearchParams(text)].map(([name, value]) => [
    name,
    value === 'true' || value === 'false' ? value === 'true' : name === 'genre' ? value.split(',') : value,
  ]);
  const query = withThreshold(Object.fromEntries(given) as MovieQuery, { operatingThreshold: 0.35 });
  const statements = new ListStatements<MovieRow, MovieQuery>(plans.db, movieList(plans.db, movieShape(query)));
  const input = { query, limit, offset: 0, position: undefined };
  return {
    segment: statements.list.segments[0] as Segment<MovieRow>,
    page: (cut: Partial<ListInput<MovieQuery>> = {}) => statements.page(0, { ...input, ...cut }),
  };
}

const { filters, orders, pages = [] } = served;

describe.each(filters)('the page of %j', (filter) => {
  test.each(orders)('by %s comes from an index', async (order) => {
    expect(faultsOf(await plans.planOf(statementsOf(`${filter}&${order}`).page()))).toEqual([]);
  });
});

test.each(pages)('the page of %j comes from an index', async (text) => {
  expect(faultsOf(await plans.planOf(statementsOf(text).page()))).toEqual([]);
});

test('an order that no index serves is found out, so that the tests above can fail', async () => {
  expect(faultsOf(await plans.planOf(statementsOf('sort_by=budget').page()))).not.toEqual([]);
});

/** The row in the middle of a list, as a cursor names it. */
async function positionIn(statement: RowStatement, { key }: Segment<MovieRow>): Promise<Position> {
  const compiled = CompiledQuery.raw(statement.sql, [...statement.parameters]);
  const { rows } = await plans.db.executeQuery<MovieRow>(compiled);
  const row = rows[0] as MovieRow;
  return { segment: 0, value: String(row[key.column as keyof MovieRow]), id: row.imdb_id };
}

describe.each(['', 'media_type=movie', 'media_type=movie&cm_value=fp', 'media_type=movie&cell=fp&threshold=0.35'])(
  'deep in %j',
  (filter) => {
    test.each(orders)('by %s a page behind a cursor reads its own rows only', async (order) => {
      const { page, segment } = statementsOf(`${filter}&${order}`);
      const position = await positionIn(page({ offset: deep(4000) }), segment);
      const nodes = await plans.planOf(page({ position }));
      expect(faultsOf(nodes)).toEqual([]);
      // Rows that the index does not know to leave out are passed over; never those before the cursor.
      for (const node of nodes) expect(rowsOf(node)).toBeLessThanOrEqual(40 * limit);
    });
  },
);

describe.each(['media_type=movie', 'media_type=movie&cell=errors'])('deep in %j', (filter) => {
  test.each([0.1, 0.35, 0.9])(
    'by disagreement at the threshold %s a page behind a cursor reads its own rows only',
    async (threshold) => {
      const { page, segment } = statementsOf(`${filter}&order=disagree&threshold=${threshold}`);
      const position = await positionIn(page({ offset: deep(4000) }), segment);
      const nodes = await plans.planOf(page({ position }));
      expect(faultsOf(nodes)).toEqual([]);
      for (const node of nodes) expect(rowsOf(node)).toBeLessThanOrEqual(40 * limit);
    },
  );
});

test('only what one index holds in its order is planned once for all values', () => {
  const quick = (text: string) => statementsOf(text).page().quick;
  for (const text of quickOf(served)) {
    expect([text, quick(text)]).toEqual([text, true]);
  }
  const others = ['', 'media_type=movie&sort_by=probability', 'cell=fn&threshold=0.35&sort_by=probability'];
  for (const text of [...others, 'cm_value=fp&sort_by=prediction_created_at', 'q=abc', 'order=uncertain']) {
    expect([text, quick(text)]).toEqual([text, false]);
  }
});
