import type { FilesQuery } from '@at/contracts/files';
import { sized } from '@at/db/test-size';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesList, filesShape } from '#features/files/queries.ts';
import { ListStatements } from '#lists/list-statements.ts';
import { openPlans, type Plans, rowsOf } from './query-plans.ts';

/** Reads the plans of the list of files. Few files have an error, and they were found first. */

const files = sized(20_000, 1_000_000);
let plans: Plans;

beforeAll(
  async () => {
    plans = await openPlans(async (client) => {
      await client.query(`
      WITH root AS (
        INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('a', '/a', gen_random_uuid(), 1) RETURNING id
      ) INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root`);
      await client.query(`
      INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, error)
      SELECT (SELECT min(id) FROM console.file_directory), convert_to('IMG_' || n || '.jpg', 'UTF8'), n % 5000, n, n, n, 'photo',
        CASE WHEN n < 30 THEN 'ERROR' WHEN n % 3 = 0 THEN 'UNIQUE' ELSE 'SORTED' END, CASE WHEN n < 30 THEN 'no' END
      FROM generate_series(0, ${files} - 1) n`);
      await client.query('ANALYZE console.file, console.file_directory, console.file_root');
    });
  },
  sized(60_000, 900_000),
);
afterAll(() => plans.close());

const limit = 51;

test.each<[FilesQuery, number]>([
  [{}, limit],
  [{ sort_order: 'asc' }, limit],
  [{ status: ['ERROR'] }, limit],
  // A third of all: the primary key is as good.
  [{ status: ['UNIQUE'], sort_order: 'asc' }, 4 * limit],
  [{ status: ['ERROR', 'UNIQUE', 'MISSING'] }, 5 * limit],
  // All of one size, to have them in order.
  [{ sort_by: 'size' }, limit + files / 2_500],
  [{ sort_by: 'size', sort_order: 'asc' }, limit + files / 2_500],
])('the first page of %j, and one behind a cursor, read no more files than %i', async (query, most) => {
  const statements = new ListStatements(plans.db, filesList(plans.db, filesShape(query)));
  const { rows } = await sql<{ id: string; size: string }>`
    select id::text, size::text from console.file where status = any(${query.status ?? ['UNIQUE', 'SORTED']})
    order by id offset 10 limit 1`.execute(plans.db);
  const [row] = rows as [(typeof rows)[0]];
  const position = { segment: 0, value: query.sort_by === 'size' ? row.size : row.id, id: row.id };
  for (const from of [undefined, position]) {
    const nodes = await plans.planOf(statements.page(0, { query, limit, offset: 0, position: from }));
    const read = nodes.filter((node) => node['Relation Name'] === 'file');
    const sum = read.reduce((all, node) => all + rowsOf(node) + (node['Rows Removed by Filter'] ?? 0), 0);
    expect(sum).toBeLessThanOrEqual(most);
  }
});

test('counts by status come from the index of statuses', async () => {
  const query: FilesQuery = { status: ['UNIQUE'] };
  const statements = new ListStatements(plans.db, filesList(plans.db, filesShape(query)));
  const nodes = await plans.planOf(statements.total(undefined, { query, limit, offset: 0, position: undefined }));
  const read = nodes.filter((node) => node['Relation Name'] === 'file');
  expect(read.map((node) => node['Node Type'])).toEqual(['Index Only Scan']);
});
