import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { activityStatement, mostFound, searchActivity, searchStatements } from '#features/activity/queries.ts';
import { filledStatement } from '#lists/list-statements.ts';
import { faultsOf, openPlans, type Plans, rowsOf } from './query-plans.ts';

/** Reads the plans of a search of the activity. */

let plans: Plans;

beforeAll(async () => {
  plans = await openPlans();
  await plans.fillMedia();
  // Each title was labelled once.
  await sql`insert into console.label_event (imdb_id, actor, action, before, after, at)
    select imdb_id, 'Ada', 'label', '{"label": null, "human_labeled": false, "anomalous": false, "reviewed": false}',
      '{"label": "would_watch", "human_labeled": true, "anomalous": false, "reviewed": true}', updated_at
    from atp.training`.execute(plans.db);
  await sql`analyze console.label_event, console.event`.execute(plans.db);
});
afterAll(() => plans.close());

test.each(['29993', 'Mirror', 'release', 'no such title'])('a search for "%s" reads few rows', async (q) => {
  const { titles, items } = searchStatements({ q });
  for (const statement of [titles, items]) {
    const nodes = await plans.planOf({ ...filledStatement(plans.db, statement, { q }), quick: false });
    expect(faultsOf(nodes)).toEqual([]);
  }
  const found = await searchActivity(plans.db, { q });
  const { sql: text, parameters } = activityStatement({}, 51, undefined, found).compile(plans.db);
  const nodes = await plans.planOf({ sql: text, parameters: [...parameters], quick: false });
  const labels = nodes.filter((node) => node['Relation Name'] === 'label_event');
  for (const node of labels) {
    expect(node['Node Type']).not.toBe('Seq Scan');
    expect(rowsOf(node) + (node['Rows Removed by Filter'] ?? 0)).toBeLessThanOrEqual(2 * mostFound);
  }
});
