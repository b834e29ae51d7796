import type { MediaQuery, MediaRow } from '@at/contracts/media';
import { CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Position } from '#shared/keyset.ts';
import { type ListInput, ListStatements, type Phase } from '#shared/list.ts';
import { faultsOf, openPlans, type Plans, rowsOf, servedOf } from '../../testing-plans.ts';
import { mediaList, mediaShape } from './queries.ts';

/** Reads the plans of what pages of media items ask, over 100,000 items and as many titles. */

let plans: Plans;

beforeAll(async () => {
  plans = await openPlans();
  // Most are complete or rejected, few are on their way, one in ten is deleted, one in a hundred has failed.
  await sql`
    insert into atp.media (hash, media_type, media_title, release_year, pipeline_status, error_status, rejection_status,
      original_title, rss_source, imdb_id, resolution, created_at, updated_at, deleted_at)
    select md5(i::text) || substr(md5((-i)::text), 1, 8), t.media_type, t.media_title, t.release_year,
      (case when d < 0.6 then 'complete' when d < 0.9 then 'rejected' when d < 0.95 then 'parsed' else
        (array['ingested', 'paused', 'file_accepted', 'metadata_collected', 'media_accepted', 'downloading', 'downloaded',
          'transferred'])[1 + i % 8] end)::atp.pipeline_status,
      i % 100 = 0, (case when d < 0.6 then 'accepted' else 'rejected' end)::atp.rejection_status,
      'Release.' || i, 'yts.mx', t.imdb_id, '1080p', t.created_at, t.updated_at,
      case when i % 10 = 3 then t.updated_at end
    from (select row_number() over (order by imdb_id) as i, random() as d, * from atp.training) as t
  `.execute(plans.db);
  await sql`vacuum (analyze) atp.media`.execute(plans.db);
}, 120_000);
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
    phase: statements.list.phases[0] as Phase<MediaRow>,
    page: (cut: Partial<ListInput<MediaQuery>> = {}) => statements.page(0, { ...input, ...cut }),
    total: () => statements.total(undefined, input),
  };
}

const filters = servedOf('Media', 'Filters');
const orders = servedOf('Media', 'Orders');

describe.each(filters)('the page of %j', (filter) => {
  test.each(orders)('by %s comes from an index', async (order) => {
    expect(faultsOf(await plans.planOf(statementsOf(`${filter}&${order}`).page()))).toEqual([]);
  });
});

/** What one index serves whatever the values, and how deep. */
const quick = servedOf('Media', 'Quick');

describe.each(quick)('%s', (text) => {
  test('is planned once, and a page behind a cursor reads its own rows only', async () => {
    const { page, phase } = statementsOf(text);
    const first = page({ offset: 500 });
    expect(first.quick).toBe(true);
    const { rows } = await plans.db.executeQuery<MediaRow>(CompiledQuery.raw(first.sql, [...first.parameters]));
    const row = rows[0] as MediaRow;
    const position: Position = { phase: 0, value: String(row[phase.key.column as keyof MediaRow]), id: row.hash };
    const nodes = await plans.planOf(page({ position }));
    expect(faultsOf(nodes)).toEqual([]);
    for (const node of nodes) expect(rowsOf(node)).toBeLessThanOrEqual(2 * limit);
  });

  test('passes over an offset, and counts, without joining titles', async () => {
    const nodes = await plans.planOf(statementsOf(text).page({ offset: 500 }));
    expect(faultsOf(nodes)).toEqual([]);
    const joined = nodes.filter((node) => node['Relation Name'] === 'training');
    for (const node of joined) expect(rowsOf(node)).toBeLessThanOrEqual(limit);
    expect((await plans.planOf(statementsOf(text).total())).some((node) => node['Relation Name'] === 'training')).toBe(
      false,
    );
  });
});

test('a filter beside the served ones is planned for its own values', () => {
  for (const text of ['media_type=movie', 'deleted=include', 'error_status=false', 'q=ha', 'sort_by=media_title']) {
    expect(statementsOf(text).page().quick, text).toBe(false);
  }
});

test('an order that no index serves is found out, so that the tests above can fail', async () => {
  expect(faultsOf(await plans.planOf(statementsOf('sort_by=release_year').page()))).not.toEqual([]);
});
