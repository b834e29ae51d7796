import type { MediaQuery, MediaRow } from '@at/contracts/media';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mediaList, mediaShape } from '#features/media/queries.ts';
import { served } from '#features/media/served.ts';
import type { Position } from '#lists/keyset.ts';
import { type ListInput, ListStatements, type Segment } from '#lists/list-statements.ts';
import { deep, faultsOf, openPlans, type Plans, quickOf, rowsOf } from './query-plans.ts';

/** Reads the plans of what pages of media items request. */

let plans: Plans;

beforeAll(async () => {
  plans = await openPlans();
});
afterAll(() => plans.close());

const limit = 21;

function statementsOf(text: string) {
  const query = Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [
      name,
      name === 'error_status'
        ? value === 'true'
        : ['pipeline_status', 'imdb_id', 'hash', 'resolution'].includes(name)
          ? value.split(',')
          : value,
    ]),
  ) as MediaQuery;
  const statements = new ListStatements<MediaRow, MediaQuery>(plans.db, mediaList(plans.db, mediaShape(query, [])));
  const input = { query, limit, offset: 0, position: undefined };
  return {
    segments: statements.list.segments,
    segment: statements.list.segments[0] as Segment<MediaRow>,
    page: (cut: Partial<ListInput<MediaQuery>> = {}, segment = 0) => statements.page(segment, { ...input, ...cut }),
    total: () => statements.total(undefined, input),
  };
}

const { filters, orders } = served;

describe.each(filters)('the page of %j', (filter) => {
  test.each(orders)('by %s comes from an index', async (order) => {
    const { segments, page } = statementsOf(`${filter}&${order}`);
    for (const [segment] of segments.entries()) expect(faultsOf(await plans.planOf(page({}, segment)))).toEqual([]);
  });
});

const quick = quickOf(served).flatMap((text) => [`${text}&sort_order=desc`, `${text}&sort_order=asc`]);

describe.each(quick)('%s', (text) => {
  test('is planned once, and a page behind a cursor reads its own rows only', async () => {
    const { page, segment } = statementsOf(text);
    const first = page({ offset: deep(500) });
    expect(first.quick).toBe(true);
    const { rows } = await plans.db.executeQuery<MediaRow>(CompiledQuery.raw(first.sql, [...first.parameters]));
    const row = rows[0] as MediaRow;
    const position: Position = { segment: 0, value: String(row[segment.key.column as keyof MediaRow]), id: row.hash };
    const nodes = await plans.planOf(page({ position }));
    expect(faultsOf(nodes)).toEqual([]);
    for (const node of nodes) expect(rowsOf(node)).toBeLessThanOrEqual(2 * limit);
  });

  test('passes over an offset, and counts, without joining titles', async () => {
    const nodes = await plans.planOf(statementsOf(text).page({ offset: deep(500) }));
    expect(faultsOf(nodes)).toEqual([]);
    const joined = nodes.filter((node) => node['Relation Name'] === 'training');
    for (const node of joined) expect(rowsOf(node)).toBeLessThanOrEqual(limit);
    expect((await plans.planOf(statementsOf(text).total())).some((node) => node['Relation Name'] === 'training')).toBe(
      false,
    );
  });
});

test.each([
  ['a rare title', 'q=19993'],
  ['a frequent title', 'q=Mirror'],
  ['the name of every release', 'q=release'],
  ['a release', 'q=release+19993'],
  ['nothing', 'q=no-such-title'],
  ['a rare title by another order', 'q=19993&sort_by=updated_at'],
])('a search for %s reads few rows', async (_what, text) => {
  const nodes = await plans.planOf(statementsOf(text).page());
  for (const node of nodes) {
    const read = rowsOf(node) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    expect(read, node['Node Type']).toBeLessThan(1_000);
  }
});

test('a filter beside the served ones is planned for its own values', () => {
  for (const text of ['media_type=movie', 'deleted=include', 'error_status=false', 'q=ha', 'sort_by=media_title']) {
    expect(statementsOf(text).page().quick, text).toBe(false);
  }
});

test('an order that no index serves is found out, so that the tests above can fail', async () => {
  expect(faultsOf(await plans.planOf(statementsOf('sort_by=release_year').page()))).not.toEqual([]);
});
