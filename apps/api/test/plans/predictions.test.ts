import type { PredictionQuery, PredictionRow } from '@at/contracts/predictions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { predictionList, predictionShape } from '#features/predictions/queries.ts';
import { served } from '#features/predictions/served.ts';
import { ListStatements } from '#lists/list-statements.ts';
import { faultsOf, openPlans, type Plans, quickOf } from './query-plans.ts';

/** Reads the plans of the list of predictions. */

let plans: Plans;

beforeAll(async () => {
  plans = await openPlans();
});
afterAll(() => plans.close());

function pageOf(text: string) {
  const query = Object.fromEntries(new URLSearchParams(text)) as PredictionQuery;
  const list = predictionList(plans.db, predictionShape(query));
  const statements = new ListStatements<PredictionRow, PredictionQuery>(plans.db, list);
  return statements.page(0, { query, limit: 21, offset: 0, position: undefined });
}

const { filters, orders, pages = [] } = served;

describe.each(filters)('the page of %j', (filter) => {
  test.each(orders)('by %s comes from an index', async (order) => {
    expect(faultsOf(await plans.planOf(pageOf(`${filter}&${order}`)))).toEqual([]);
  });
});

test.each(pages)('the page of %j comes from an index', async (text) => {
  expect(faultsOf(await plans.planOf(pageOf(text)))).toEqual([]);
});

test('an order that no index serves is found out, so that the tests above can fail', async () => {
  expect(faultsOf(await plans.planOf(pageOf('sort_by=cm_value')))).not.toEqual([]);
});

test('only what one index holds in its order is planned once for all values', () => {
  for (const text of quickOf(served)) expect([text, pageOf(text).quick]).toEqual([text, true]);
  for (const text of ['prediction=1', 'cm_value=fp&sort_by=created_at', 'sort_by=cm_value']) {
    expect([text, pageOf(text).quick]).toEqual([text, false]);
  }
});
