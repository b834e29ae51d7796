import { joinList } from '@at/contracts/comma-list';
import { insertOddRows } from '@at/db/odd-rows';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { list, numericColumns, pagedLists, type Row, total } from './lists.ts';
import { isOwn, need, openServer, type Server } from './server.ts';

/**
 * What other writers put in a row takes no list with it, and is what the contract promises. The suite's own server has
 * every odd value; the rows of another server must keep the same promises.
 */

let server: Server;
/** Of each list, with every number as its text. */
const rowsOf: Record<string, Row[]> = {};
const exactly = (text: string) =>
  JSON.parse(text, (_name, value, { source }: { source?: string } = {}) =>
    typeof value === 'number' ? `#${source}` : value,
  ) as { data: Row[] };

beforeAll(async () => {
  server = await openServer({ fill: (client: pg.Client) => insertOddRows(client, 'enum') });
  for (const { path } of pagedLists) rowsOf[path] = exactly((await server.get(`${path}?limit=1000`)).text).data;
  rowsOf['/flyway'] = exactly((await server.get('/flyway')).text).data;
});
afterAll(() => server.close());

const rows = (path: string) => rowsOf[path] as Row[];
const valuesOf = (path: string, column: string) => [...new Set(rows(path).map((row) => row[column]))];
const leaves = (value: unknown): unknown[] => (Array.isArray(value) ? value.flatMap(leaves) : [value]);

const calendar = /^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const outside = /^(-?infinity|\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00 BC)$/;
const version = /^(training_)?updated_at$/;

describe.each([...pagedLists.map(({ path }) => path), '/flyway'])('%s', (path) => {
  test('a time has one form or is null; a version is never null, and what no calendar has is the text of PostgreSQL', () => {
    for (const [name, value] of rows(path).flatMap((row) => Object.entries(row))) {
      if (!/_at$|^installed_on$/.test(name)) continue;
      const isVersion = version.test(name);
      if (value === null) expect([name, isVersion]).toEqual([name, false]);
      else if (isVersion || name === 'deleted_at')
        expect(calendar.test(`${value}`) || outside.test(`${value}`)).toBe(true);
      else expect(value, name).toMatch(calendar);
    }
  });
  test('a number is a number or null, an array holds text, null and arrays', () => {
    for (const [name, value] of rows(path).flatMap((row) => Object.entries(row))) {
      if (numericColumns.test(name)) expect(value === null ? '#0' : value, name).toMatch(/^#-?\d+(\.\d+)?$/);
      for (const leaf of Array.isArray(value) ? leaves(value) : []) {
        expect(leaf === null || typeof leaf === 'string').toBe(true);
      }
    }
  });
});

test('the counts of each word add up to the total', async () => {
  type Counts = Record<string, number>;
  const sum = (counts: Counts) => Object.values(counts).reduce((all, one) => all + one, 0);
  const titles = (await server.get<{ total: number; label: Counts; media_type: Counts }>('/training/stats')).body;
  expect([sum(titles.label), sum(titles.media_type)]).toEqual([titles.total, titles.total]);
  type Stats = { total: number; pipeline_status: Counts; rejection_status: Counts; media_type: Counts };
  const items = (await server.get<Stats>('/media/stats')).body;
  for (const counts of [items.pipeline_status, items.rejection_status, items.media_type]) {
    expect(sum(counts)).toBe(items.total);
  }
});

test('the evaluation counts every prediction once', async () => {
  type Evaluation = { labelled: number; unlabelled: number; no_probability: number };
  const { body } = await server.get<Evaluation>('/prediction/evaluation');
  expect(body.labelled + body.unlabelled + body.no_probability).toBe(await total(server, '/movies/'));
});

// A page holds every row of its own server only.
describe.runIf(isOwn)('on a server with every odd value', () => {
  test.each(pagedLists)('in $path a cursor loses and repeats no row, by any time or number', async ({ path, id }) => {
    const sorts = { '/training': 'budget', '/media/': 'updated_at', '/prediction/': 'probability' } as Record<
      string,
      string
    >;
    for (const direction of ['asc', 'desc']) {
      const found: unknown[] = [];
      const query = `sort_by=${sorts[path] ?? 'training_updated_at'}&sort_order=${direction}&limit=97&count=none`;
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { data, pagination } = await list(server, path, cursor === '' ? query : `${query}&cursor=${cursor}`);
        found.push(...data.map((row) => row[id]));
        cursor = pagination.next_cursor ?? null;
      }
      expect(found.toSorted()).toEqual((rowsOf[path] as Row[]).map((row) => row[id]).toSorted());
      // The odd values begin or end the order: a cursor at each of them goes on with the next.
      const sort = query.replace('limit=97', 'limit=1');
      const alone: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null && alone.length < 8; ) {
        const { data, pagination } = await list(server, path, cursor === '' ? sort : `${sort}&cursor=${cursor}`);
        alone.push(...data.map((row) => row[id]));
        cursor = pagination.next_cursor ?? null;
      }
      expect(alone).toEqual(found.slice(0, 8));
    }
  });

  test.each([
    ['/training', 'media_type'],
    ['/training', 'label'],
    ['/media/', 'media_type'],
    ['/media/', 'pipeline_status'],
    ['/media/', 'rejection_status'],
    ['/prediction/', 'cm_value'],
  ])('in %s each word of %s is found, also one that the owner has added', async (path, column) => {
    for (const word of valuesOf(path, column) as (string | null)[]) {
      const value = column === 'pipeline_status' ? joinList([word as string]) : (word ?? 'none');
      const wanted = rows(path).filter((row) => row[column] === word).length;
      expect([word, await total(server, path, `${column}=${encodeURIComponent(value)}`)]).toEqual([word, wanted]);
    }
  });

  test.each(['genre', 'origin_country'])('each element of %s is found, in arrays of arrays too', async (column) => {
    const elements = new Set(rows('/training').flatMap((row) => leaves(row[column])));
    for (const element of elements) {
      if (typeof element !== 'string' || element.trim() === '') continue;
      const wanted = rows('/training').filter((row) => leaves(row[column]).includes(element)).length;
      const found = await total(server, '/training', `${column}=${encodeURIComponent(joinList([element]))}`);
      expect([element, found]).toEqual([element, wanted]);
    }
  });

  test('a bigint filter is exact to the last digit', async () => {
    const budgets = rows('/training').flatMap(({ budget }) =>
      budget === null ? [] : [BigInt((budget as string).slice(1))],
    );
    for (const budget of new Set(budgets)) {
      const wanted = budgets.filter((one) => one >= budget).length;
      expect([budget, await total(server, '/training', `budget_min=${budget}`)]).toEqual([budget, wanted]);
    }
  });

  test('a PATCH with the version of its row works, in every form of it', async (context) => {
    for (const form of [/^infinity$/, /^-infinity$/, / BC$/, /^10000-/, /^294276-/]) {
      const row = need(
        context,
        rows('/training').find(({ updated_at }) => form.test(updated_at as string)),
        `version ${form}`,
      );
      const { headers } = await server.get(`/training/${row.imdb_id}`);
      expect(headers.get('etag')).toBe(`"${row.updated_at}"`);
      const reply = await server.ask('PATCH', `/training/${row.imdb_id}`, {
        headers: { 'if-match': `"${row.updated_at}"` },
        body: { imdb_id: row.imdb_id, anomalous: true },
      });
      expect([row.updated_at, reply.status]).toEqual([row.updated_at, 200]);
    }
  });

  test('an item that was deleted at infinity is restored', async (context) => {
    const deleted = (await list(server, '/media/', 'deleted=only&limit=1000')).data;
    const item = need(
      context,
      deleted.find(({ deleted_at }) => deleted_at === 'infinity'),
      'item deleted at infinity',
    );
    expect((await server.ask('PATCH', `/media/${item.hash}/restore`)).status).toBe(200);
  });
});
