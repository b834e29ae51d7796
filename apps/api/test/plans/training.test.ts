import type { TrainingQuery, TrainingRow } from '@at/contracts/training';
import type { RowStatement } from '@at/pg-json-rows';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trainingList, trainingShape } from '#features/training/queries.ts';
import { served } from '#features/training/served.ts';
import type { Position } from '#lists/keyset.ts';
import { type ListInput, ListStatements, type Segment } from '#lists/list-statements.ts';
import { withThreshold } from '#titles/threshold.ts';
import { deep, faultsOf, openPlans, type Plans, quickOf, rowsOf } from './query-plans.ts';

/** Reads the plans of what the console requests. */

let plans: Plans;
const planOf: Plans['planOf'] = (statement) => plans.planOf(statement);

beforeAll(async () => {
  plans = await openPlans();
});
afterAll(() => plans.close());

/** The parameters of a query string. */
function queryOf(text: string): TrainingQuery {
  const given = [...new URLSearchParams(text)].map(([name, value]) => [
    name,
    value === 'true' || value === 'false' ? value === 'true' : name === 'genre' ? value.split(',') : value,
  ]);
  return withThreshold(Object.fromEntries(given) as TrainingQuery, { operatingThreshold: 0.35 });
}

const limit = 21;

function statementsOf(text: string) {
  const query = queryOf(`${text}&include=prediction`);
  const statements = new ListStatements<TrainingRow, TrainingQuery>(
    plans.db,
    trainingList(plans.db, trainingShape(query)),
  );
  const input = { query, limit, offset: 0, position: undefined };
  return {
    segments: statements.list.segments,
    page: (segment: number, cut: Partial<ListInput<TrainingQuery>> = {}) =>
      statements.page(segment, { ...input, ...cut }),
    total: (ceiling?: number) => statements.total(ceiling, input),
  };
}

const { filters, orders } = served;

test('the list of what is served holds every order of the console and its default filter', () => {
  expect(filters).toContain('media_type=movie&reviewed=false');
  expect(filters.length).toBeGreaterThan(15);
  expect(orders).toEqual([
    'sort_by=updated_at&sort_order=desc',
    'sort_by=updated_at&sort_order=asc',
    'order=uncertain',
    'order=disagree',
    'sort_by=probability&sort_order=desc',
    'sort_by=probability&sort_order=asc',
    'order=random&seed=7',
    'sort_by=created_at&sort_order=desc',
    'sort_by=created_at&sort_order=asc',
  ]);
});

describe.each(filters)('the page of %j', (filter) => {
  test.each(orders)('by %s comes from an index', async (order) => {
    const { page, segments } = statementsOf(`${filter}&${order}`);
    for (const [segment] of segments.entries()) expect(faultsOf(await planOf(page(segment)))).toEqual([]);
  });
});

/** The row in the middle of a list's first segment, as a cursor names it. */
async function positionIn(statement: RowStatement, { key }: Segment<TrainingRow>): Promise<Position> {
  const { rows } = await plans.db.executeQuery<TrainingRow>(
    CompiledQuery.raw(statement.sql, [...statement.parameters]),
  );
  const row = rows[0] as TrainingRow;
  return { segment: 0, value: String(row[key.column as keyof TrainingRow]), id: row.imdb_id };
}

describe.each(['', 'media_type=movie&reviewed=false', 'media_type=movie'])('deep in %j', (filter) => {
  test.each(orders)('by %s a page behind a cursor reads its own rows only', async (order) => {
    const { page, segments } = statementsOf(`${filter}&${order}`);
    const position = await positionIn(page(0, { offset: deep(4000) }), segments[0] as Segment<TrainingRow>);
    const nodes = await planOf(page(0, { position }));
    expect(faultsOf(nodes)).toEqual([]);
    // Where the filter is not part of the index, rows that do not fit are passed over; never those before the cursor.
    for (const node of nodes) expect(rowsOf(node)).toBeLessThanOrEqual(40 * limit);
  });
});

describe.each(quickOf(served))('%s', (text) => {
  test('passes over an offset in the index alone', async () => {
    const offset = text.startsWith('anomalous') ? deep(500) : deep(5000);
    const nodes = await planOf(statementsOf(text).page(0, { offset }));
    expect(faultsOf(nodes)).toEqual([]);
    const passing = nodes.filter((node) => node['Actual Rows'] > offset && node['Node Type'].includes('Scan'));
    expect(passing.map((node) => node['Node Type'])).toEqual(['Index Only Scan']);
  });

  test('counts in the index alone', async () => {
    for (const ceiling of [undefined, 10_001]) {
      const nodes = await planOf(statementsOf(text).total(ceiling));
      expect(nodes.filter((node) => node['Node Type'].includes('Scan')).map((node) => node['Node Type'])).toEqual([
        'Index Only Scan',
      ]);
    }
  });
});
