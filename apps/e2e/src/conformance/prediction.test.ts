import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSorted, list, type Row, total } from './lists.ts';
import { need, openServer, type Server } from './server.ts';

const path = '/prediction/';
const cells = ['tp', 'tn', 'fp', 'fn'];

let server: Server;
let rows: Row[];
let all: number;
beforeAll(async () => {
  server = await openServer();
  const first = await list(server, path, 'limit=1000');
  rows = first.data;
  all = first.pagination.total as number;
});
afterAll(() => server.close());

const found = async (query: string) => (await list(server, path, `limit=1000&${query}`)).data;

test('a row is imdb_id, prediction, probability, cm_value and created_at', () => {
  for (const row of rows) {
    expect(row).toEqual({
      imdb_id: expect.stringMatching(/^tt\d{7,8}$/),
      prediction: expect.toBeOneOf([0, 1]),
      probability: expect.any(Number),
      cm_value: expect.toBeOneOf(cells),
      created_at: expect.any(String),
    });
  }
});

describe('filters', () => {
  test('prediction finds 1 or 0', async () => {
    for (const said of [0, 1]) for (const row of await found(`prediction=${said}`)) expect(row.prediction).toBe(said);
    expect((await total(server, path, 'prediction=0')) + (await total(server, path, 'prediction=1'))).toBe(all);
  });
  test('cm_value finds a cell, as it was stored', async () => {
    for (const cell of cells) for (const row of await found(`cm_value=${cell}`)) expect(row.cm_value).toBe(cell);
    const counts = await Promise.all(cells.map((cell) => total(server, path, `cm_value=${cell}`)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(all);
  });
  test('imdb_id finds one title', async (context) => {
    const row = need(context, rows[0], 'prediction');
    expect(await found(`imdb_id=${row.imdb_id}`)).toEqual([row]);
  });
  test.each(['prediction=2', 'prediction=yes', 'cm_value=xx'])('%s is 422', async (query) => {
    expect((await server.get(`${path}?${query}`)).status).toBe(422);
  });
});

describe('sort_by, both ways: ties by ascending imdb_id', () => {
  test.each(['created_at', 'imdb_id', 'prediction', 'probability', 'cm_value'])('%s', async (key) => {
    for (const direction of ['asc', 'desc'] as const) {
      const sorted = await found(`sort_by=${key}&sort_order=${direction}`);
      expectSorted(sorted, key, direction, 'imdb_id', 'value');
    }
  });
  test('the default is created_at, newest first', () => {
    expectSorted(rows, 'created_at', 'desc', 'imdb_id', 'value');
  });
});
