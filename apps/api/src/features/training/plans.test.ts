import { readFileSync } from 'node:fs';
import { maximumLimit } from '@at/contracts/paging';
import type { TrainingQuery, TrainingRow } from '@at/contracts/training';
import { createDb, createPool } from '@at/db/client';
import { planSettings } from '@at/db/fast-rows';
import { generateRows } from '@at/db/generated-rows';
import { migrate, migrationSets } from '@at/db/migrate';
import type { DB } from '@at/db/schema';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { CompiledQuery, type Kysely } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Position } from '#shared/keyset.ts';
import { type ListInput, ListStatements, type Phase } from '#shared/list.ts';
import type { RowStatement } from '#shared/row-set.ts';
import { trainingList, trainingShape } from './queries.ts';

/** Reads the plans of what the console asks, over 100,000 titles. */

let database: TestDatabase;
let db: Kysely<DB>;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase('plain');
  client = new pg.Client(database.connectionString);
  await client.connect();
  await generateRows(client, 100_000);
  await migrate(database.connectionString, migrationSets['atp-extras']);
  await client.query('ANALYZE atp.training, atp.prediction');
  await client.query(planSettings);
  db = createDb(createPool({ connection: database.connectionString, max: 1 }));
}, 120_000);
afterAll(async () => {
  await Promise.all([client.end(), db.destroy()]);
  await database.drop();
});

type PlanNode = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: PlanNode[];
};

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const literal = (value: unknown) =>
  pg.escapeLiteral(Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join()}}` : String(value));

/** The plan that a run gets: a quick statement's is made once for all parameters, another's for its own. */
async function planOf({ sql, parameters, quick }: RowStatement): Promise<PlanNode[]> {
  await client.query(`SET plan_cache_mode = ${quick ? 'force_generic_plan' : 'force_custom_plan'}`);
  await client.query(`PREPARE page AS ${sql}`);
  const values = parameters.length > 0 ? `(${parameters.map(literal).join()})` : '';
  const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page${values}`);
  await client.query('DEALLOCATE page');
  return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
}

/** What no page may cost. */
function faultsOf(nodes: PlanNode[]): string[] {
  const rowsOf = (node: PlanNode) => Math.round(node['Actual Rows'] * node['Actual Loops']);
  return nodes.flatMap((node) => {
    const type = node['Node Type'];
    const sorted = (node.Plans ?? []).reduce((sum, input) => sum + rowsOf(input), 0);
    if (type === 'Seq Scan') return [`sequential scan of ${node['Relation Name']}`];
    if (type.includes('Sort') && sorted > maximumLimit) return [`${type} of ${sorted} rows, more than a page has`];
    return [];
  });
}

/** The parameters of a query string. */
function queryOf(text: string): TrainingQuery {
  const given = [...new URLSearchParams(text)].map(([name, value]) => [
    name,
    value === 'true' || value === 'false' ? value === 'true' : name === 'genre' ? value.split(',') : value,
  ]);
  return Object.fromEntries(given) as TrainingQuery;
}

const limit = 21;

function statementsOf(text: string) {
  const query = queryOf(`${text}&include=prediction`);
  const statements = new ListStatements<TrainingRow, TrainingQuery>(db, trainingList(db, trainingShape(query)));
  const input = { query, limit, offset: 0, position: undefined };
  return {
    phases: statements.list.phases,
    page: (phase: number, cut: Partial<ListInput<TrainingQuery>> = {}) => statements.page(phase, { ...input, ...cut }),
    total: (ceiling?: number) => statements.total(ceiling, input),
  };
}

const served = readFileSync(new URL('../../../../../infra/bench/served.md', import.meta.url), 'utf8');
/** The query strings of the list under a heading. */
const listed = (heading: string) =>
  [...(served.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^- `([^`]*)`/gm)].map(
    ([, text]) => text as string,
  );

const filters = listed('Filters');
const orders = listed('Orders');

test('the list of what is served holds every order of the console and its default filter', () => {
  expect(filters).toContain('media_type=movie&reviewed=false');
  expect(filters.length).toBeGreaterThan(15);
  expect(orders).toEqual([
    'sort_by=updated_at&sort_order=desc',
    'sort_by=updated_at&sort_order=asc',
    'order=uncertain',
    'order=disagree',
    'sort_by=probability&sort_order=desc',
    'sort_by=probability&sort_order=asc',
    'order=random&seed=7',
    'sort_by=created_at&sort_order=desc',
  ]);
});

describe.each(filters)('the page of %j', (filter) => {
  test.each(orders)('by %s comes from an index', async (order) => {
    const { page, phases } = statementsOf(`${filter}&${order}`);
    for (const [phase] of phases.entries()) expect(faultsOf(await planOf(page(phase)))).toEqual([]);
  });
});

/** The row in the middle of a list's first phase, as a cursor names it. */
async function positionIn(statement: RowStatement, { key }: Phase<TrainingRow>): Promise<Position> {
  const { rows } = await db.executeQuery<TrainingRow>(CompiledQuery.raw(statement.sql, [...statement.parameters]));
  const row = rows[0] as TrainingRow;
  return { phase: 0, value: String(row[key.column as keyof TrainingRow]), id: row.imdb_id };
}

describe.each(['', 'media_type=movie&reviewed=false', 'media_type=movie'])('deep in %j', (filter) => {
  test.each(orders)('by %s a page behind a cursor reads its own rows only', async (order) => {
    const { page, phases } = statementsOf(`${filter}&${order}`);
    const position = await positionIn(page(0, { offset: 4000 }), phases[0] as Phase<TrainingRow>);
    const nodes = await planOf(page(0, { position }));
    expect(faultsOf(nodes)).toEqual([]);
    // Where the filter is not part of the index, rows that do not fit are passed over; never those before the cursor.
    for (const node of nodes) expect(node['Actual Rows'] * node['Actual Loops']).toBeLessThanOrEqual(40 * limit);
  });
});

describe.each([
  '&sort_by=updated_at',
  '&sort_by=created_at',
  'media_type=movie&reviewed=false&sort_by=updated_at',
  'media_type=movie&reviewed=false&sort_by=created_at',
  'anomalous=true&sort_by=updated_at',
  'order=random&seed=7',
])('%s', (text) => {
  test('passes over an offset in the index alone', async () => {
    const offset = text.startsWith('anomalous') ? 500 : 5000;
    const nodes = await planOf(statementsOf(text).page(0, { offset }));
    expect(faultsOf(nodes)).toEqual([]);
    const passing = nodes.filter((node) => node['Actual Rows'] > offset && node['Node Type'].includes('Scan'));
    expect(passing.map((node) => node['Node Type'])).toEqual(['Index Only Scan']);
  });

  test('counts in the index alone', async () => {
    for (const ceiling of [undefined, 10_001]) {
      const nodes = await planOf(statementsOf(text).total(ceiling));
      expect(nodes.filter((node) => node['Node Type'].includes('Scan')).map((node) => node['Node Type'])).toEqual([
        'Index Only Scan',
      ]);
    }
  });
});
