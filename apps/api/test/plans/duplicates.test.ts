import { duplicateSorts } from '@at/contracts/duplicates';
import { sized } from '@at/db/test-size';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type DuplicatesInput,
  duplicatesList,
  duplicatesShape,
  totalsStatement,
} from '#features/duplicates/queries.ts';
import { ListStatements } from '#lists/list-statements.ts';
import { openPlans, type PlanNode, type Plans, rowsOf } from './query-plans.ts';

/** Reads the plans of the list of duplicates. A fifth of the files are duplicates. */

const files = sized(20_000, 1_000_000);
let plans: Plans;

beforeAll(
  async () => {
    plans = await openPlans(async (client) => {
      await client.query(`
      WITH root AS (
        INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('a', '/a', gen_random_uuid(), 1) RETURNING id
      ), top AS (INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM root RETURNING id, root_id)
      SELECT id FROM top`);
      await client.query(`
      INSERT INTO console.file_directory (root_id, parent_id, name)
      SELECT root_id, id, convert_to('folder ' || n, 'UTF8') FROM console.file_directory, generate_series(1, ${files / 100}) n`);
      await client.query(`
      INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, sha256, status)
      SELECT (SELECT min(id) FROM console.file_directory) + 1 + n / 100, convert_to('IMG_' || n || '.jpg', 'UTF8'), n % 5000 + 1, n, n, n,
        'photo', sha256(convert_to(n::text, 'UTF8')), 'UNIQUE'
      FROM generate_series(0, ${files} - 101) n`);
      await client.query(`
      UPDATE console.file f SET status = 'DUPLICATE', duplicate_of = k.id
      FROM console.file k WHERE f.inode % 5 = 0 AND k.inode = f.inode - f.inode % 10 + 1`);
      await client.query('ANALYZE console.file, console.file_directory, console.file_root, console.duplicate_set');
    });
  },
  sized(60_000, 900_000),
);
afterAll(() => plans.close());

const queryOf = (query: Partial<DuplicatesInput>): DuplicatesInput => ({ duplicates_root: null, ...query });
/** Rows that a plan reads of the tables whose size is that of the collection. */
const readOf = (nodes: PlanNode[], table: string) =>
  nodes
    .filter((node) => node['Relation Name'] === table)
    .reduce((sum, node) => sum + rowsOf(node) + (node['Rows Removed by Filter'] ?? 0) * node['Actual Loops'], 0);

test.each(duplicateSorts)(
  'the first page by %s, and one behind a cursor, read the sets of the page alone',
  async (sort_by) => {
    const query = queryOf({ sort_by });
    const statements = new ListStatements(plans.db, duplicatesList(plans.db, duplicatesShape(query)));
    const { rows } = await sql<{ value: string; id: string }>`
    select ${sql.ref(sort_by)}::text as value, keeper_id::text as id from console.duplicate_set
    order by ${sql.ref(sort_by)}, keeper_id offset 900 limit 1
  `.execute(plans.db);
    for (const position of [undefined, { segment: 0, ...(rows[0] as (typeof rows)[0]) }]) {
      const nodes = await plans.planOf(statements.page(0, { query, limit: 51, offset: 0, position }));
      expect(readOf(nodes, 'duplicate_set')).toBeLessThanOrEqual(51);
      // The kept file, two duplicates of each, and what is looked up for their companions.
      expect(readOf(nodes, 'file')).toBeLessThanOrEqual(51 * 12);
    }
  },
);

test.each<Partial<DuplicatesInput>>([
  {},
  { kind: ['video'] },
  { size_min: 4_000 },
  { saving_min: 9_000 },
  { moved: true, duplicates_root: 1 },
])('other pages and totals read the table of sets once, and no more files than a page has: %o', async (part) => {
  const query = queryOf(part);
  const shape = duplicatesShape(query);
  const statements = new ListStatements(plans.db, duplicatesList(plans.db, shape));
  const page = await plans.planOf(statements.page(0, { query, limit: 51, offset: 0, position: undefined }));
  expect(readOf(page, 'duplicate_set')).toBeLessThanOrEqual(files / 10);
  expect(readOf(page, 'file')).toBeLessThanOrEqual(51 * 12);
  const totals = await plans.planOf({ ...totalsStatement(plans.db, shape, query), quick: false });
  expect(readOf(totals, 'file')).toBe(0);
  expect(readOf(totals, 'duplicate_set')).toBeLessThanOrEqual(files / 10);
});
