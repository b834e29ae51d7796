import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

// Equal values come by ascending id in both directions, on a database of any age.

type Row = Record<string, unknown>;
type Page = { data: Row[]; pagination: { next_cursor: string | null } };

const size = 24;

async function dropNewIndexes({ db }: TestApp): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select 'atp.' || indexname as name from pg_indexes where schemaname = 'atp' and indexname like 'console%desc'
  `.execute(db);
  expect(rows).not.toEqual([]);
  await sql.raw(`drop index ${rows.map(({ name }) => name).join()}`).execute(db);
}

const databases: [name: string, open: () => Promise<TestApp>][] = [
  ['every index', startTestApp],
  [
    'the indexes of an older version',
    async () => {
      const app = await startTestApp();
      await dropNewIndexes(app);
      return app;
    },
  ],
  ['no index', () => startTestApp({ template: 'plain' })],
];

const lists = [
  ['/training', 'imdb_id', 'updated_at probability budget'],
  ['/training?media_type=movie&reviewed=false', 'imdb_id', 'updated_at'],
  ['/prediction', 'imdb_id', 'probability'],
  ['/movies', 'imdb_id', 'budget'],
  ['/media', 'hash', 'updated_at media_title'],
] as const;
const orders = lists.flatMap(([path, id, sorts]) =>
  sorts.split(' ').flatMap((sort) => [
    { path, id, sort, direction: 'asc' as const },
    { path, id, sort, direction: 'desc' as const },
  ]),
);

describe.each(databases)('with %s', (_, open) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await open();
    // A few values in each column; the places of the rows in the table are no order.
    await sql`
      insert into atp.training (imdb_id, media_type, media_title, release_year, label, budget, created_at, updated_at)
      select 'tt' || 1000000 + i * 7 % ${size}, 'movie', 'Title', 2000 + i % 3,
        (array['would_watch', 'would_not_watch', null])[1 + i % 3]::atp.label_type, nullif(i % 3, 0), at, at
      from (select i, '2025-01-01Z'::timestamptz + i % 3 * interval '1 day' as at from generate_series(1, ${size}) i) as one
    `.execute(app.db);
    await sql`
      insert into atp.prediction (imdb_id, prediction, probability, cm_value, created_at)
      select imdb_id, 0, (release_year - 2000) / 2.0, 'tn', created_at from atp.training
    `.execute(app.db);
    await sql`
      insert into atp.media (hash, media_type, media_title, release_year, original_title, created_at, updated_at)
      select md5(imdb_id) || '00000000', 'movie', 'Title', nullif(release_year, 2001), '', created_at, created_at
      from atp.training
    `.execute(app.db);
  });
  afterAll(() => app.close());

  const read = async (path: string, query: string) => {
    const { status, body } = await app.call<Page>('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
    expect(status).toBe(200);
    return body;
  };

  test.each(orders)('$path by $sort $direction', async ({ path, id, sort, direction }) => {
    const query = `sort_by=${sort}&sort_order=${direction}&count=none`;
    const { data } = await read(path, `${query}&limit=1000`);
    expect(data).toHaveLength(size);
    // Rows of one value are together, by ascending id.
    const groups = Map.groupBy(data, (row) => row[sort]);
    expect([...groups.values()].flat()).toEqual(data);
    for (const rows of groups.values()) {
      const ids = rows.map((row) => row[id] as string);
      expect(ids).toEqual(ids.toSorted());
    }
    const walked: Row[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await read(path, `${query}&limit=9${cursor && `&cursor=${cursor}`}`);
      walked.push(...page.data);
      cursor = page.pagination.next_cursor;
    }
    expect(walked).toEqual(data);
    expect((await read(path, `${query}&limit=7&offset=9`)).data).toEqual(data.slice(9, 16));
  });

  test('/movies by disagreement: titles as far above the threshold as others are below it', async () => {
    const query = 'order=disagree&threshold=0.5&count=none';
    const { data } = await read('/movies', `${query}&limit=1000`);
    const rank = ({ label, probability, imdb_id }: Row) => {
      const differs = label !== null && (label === 'would_watch') !== (probability as number) >= 0.5;
      return `${differs ? 0 : 1} ${1 - Math.abs((probability as number) - 0.5)} ${imdb_id}`;
    };
    expect(data).toHaveLength(size);
    expect(data.map(rank)).toEqual(data.map(rank).toSorted());
    const walked: Row[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await read('/movies', `${query}&limit=5${cursor && `&cursor=${cursor}`}`);
      walked.push(...page.data);
      cursor = page.pagination.next_cursor;
    }
    expect(walked).toEqual(data);
    expect((await read('/movies', `${query}&limit=7&offset=3`)).data).toEqual(data.slice(3, 10));
  });
});
