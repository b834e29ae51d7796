import { runSorts } from '@at/contracts/runs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runList, runShape } from '#features/runs/queries.ts';
import { ListStatements } from '#lists/list-statements.ts';
import { openPlans, type Plans, rowsOf } from './query-plans.ts';

/** Reads the plans of the list of runs. */

let plans: Plans;

beforeAll(async () => {
  plans = await openPlans(async (client) => {
    await client.query(`
      INSERT INTO console.run (task, params, subject_type, subject_id, trigger, outcome, created_at, finished_at)
      SELECT 'test.task', '{}', 'title', 'tt' || n % 1000, 'manual', CASE WHEN n > 100 THEN 'completed' END,
        now() - n * interval '1 minute', CASE WHEN n > 100 THEN now() - n * interval '1 minute' END
      FROM generate_series(1, 20000) n`);
    await client.query(`
      INSERT INTO console.step (run_id, task, params, queue, outcome, finished_at)
      SELECT id, task, params, 'short', outcome, finished_at FROM console.run`);
    await client.query('ANALYZE console.run, console.step');
    // A burst, before its rows have statistics.
    await client.query(`INSERT INTO console.job (name) SELECT 'short' FROM generate_series(1, 1000)`);
    await client.query(`
      WITH waiting AS (SELECT id, row_number() OVER () AS n FROM console.step WHERE outcome IS NULL),
        given AS (SELECT id, row_number() OVER () AS n FROM console.job)
      UPDATE console.step s SET job_id = given.id FROM waiting JOIN given USING (n) WHERE waiting.id = s.id`);
  });
});
afterAll(() => plans.close());

test.each([
  ...runSorts.flatMap(
    (sort_by) =>
      [
        { sort_by, sort_order: 'desc' },
        { sort_by, sort_order: 'asc' },
      ] as const,
  ),
  { subject_type: 'title', subject_id: 'tt7' },
])('a page of runs reads few rows, behind a cursor too: %o', async (query) => {
  const statements = new ListStatements(plans.db, runList(plans.db, runShape(query)));
  const { rows } = await sql<{ value: string; id: string }>`
    select created_at::text as value, id from console.run where finished_at is not null order by created_at offset 9000 limit 1
  `.execute(plans.db);
  const [{ value, id }] = rows as [{ value: string; id: string }];
  for (const position of [undefined, { segment: 0, value, id }]) {
    const nodes = await plans.planOf(statements.page(0, { query, limit: 51, offset: 0, position }));
    for (const node of nodes) {
      const read = rowsOf(node) + (node['Rows Removed by Filter'] ?? 0);
      expect(read, JSON.stringify(node)).toBeLessThanOrEqual(110);
    }
  }
});
