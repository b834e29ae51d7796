import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { activityStatement, mostFound, searchActivity, searchStatements } from '#features/activity/queries.ts';
import { filledStatement } from '#lists/list-statements.ts';
import { openPlans, type Plans, rowsOf } from './query-plans.ts';

/** Reads the plans of a search of the activity. */

let plans: Plans;

beforeAll(async () => {
  plans = await openPlans();
  // Each title was labelled once.
  await sql`insert into console.label_event (imdb_id, actor, action, before, after, at)
    select imdb_id, 'Ada', 'label', '{"label": null, "human_labeled": false, "anomalous": false, "reviewed": false}',
      '{"label": "would_watch", "human_labeled": true, "anomalous": false, "reviewed": true}', updated_at
    from atp.training`.execute(plans.db);
  await sql`analyze console.label_event, console.event`.execute(plans.db);
});
afterAll(() => plans.close());

test.each([
  ['a rare title', '19993'],
  ['a frequent title', 'Mirror'],
  ['the name of every release', 'release'],
  ['nothing', 'no such title'],
])('a search for %s reads few rows', async (_what, q) => {
  const found = await searchActivity(plans.db, { q });
  const page = activityStatement({ q }, 51, undefined, found);
  for (const statement of [...Object.values(searchStatements({ q })), page]) {
    const nodes = await plans.planOf({ ...filledStatement(plans.db, statement, { q }), quick: false });
    for (const node of nodes) {
      // It reads no rows: a trigram has one list of the titles that have it.
      if (node['Node Type'] === 'Bitmap Index Scan') continue;
      const read = rowsOf(node) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
      expect(read, JSON.stringify(node)).toBeLessThanOrEqual(4 * mostFound);
    }
  }
});

test('the changes of one day are read by an index on the time, whichever day it is', async () => {
  const { rows } = await sql<{
    day: string;
  }>`select date_trunc('day', percentile_disc(0.5) within group (order by at))::text
    as day from console.label_event`.execute(plans.db);
  const [{ day }] = rows as [{ day: string }];
  const days = { at_min: day, at_max: new Date(Date.parse(day) + 86_400_000).toISOString() };
  const page = activityStatement(days, 51, undefined, undefined);
  const nodes = await plans.planOf({ ...filledStatement(plans.db, page, days), quick: false });
  for (const node of nodes) {
    const read = rowsOf(node) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    expect(read, JSON.stringify(node)).toBeLessThanOrEqual(110);
  }
});

test('a search for frequent words differs from one for a few titles', async () => {
  expect(await searchActivity(plans.db, { q: 'release' })).toEqual({ titles: [], items: 'many' });
  expect(await searchActivity(plans.db, { q: 'Mirror' })).toMatchObject({ titles: 'many' });
  expect(await searchActivity(plans.db, { q: '19993' })).toMatchObject({ titles: { length: 1 } });
});
