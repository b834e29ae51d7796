import { maximumLimit } from '@at/contracts/paging';
import { createDb, createPool } from '@at/db/client';
import { generateMedia, generateRows } from '@at/db/generated-rows';
import { migrate, migrationSets } from '@at/db/migrate';
import type { DB } from '@at/db/schema';
import { sized } from '@at/db/test-size';
import { createSharedDatabase, createTestDatabase } from '@at/db/testing';
import type { RowStatement } from '@at/pg-json-rows';
import { planSettings } from '@at/pg-json-rows';
import type { Kysely } from 'kysely';
import pg from 'pg';
import type { Served } from '#lists/served.ts';

/** Reads the plans of lists over generated titles, as the connections that read lists make them. */

/** Few enough to be quick, and enough that a sequential scan is never the cheapest way to a page. */
const titles = sized(20_000, 100_000);

/** An offset that is as deep in these titles as `offset` is in 100,000. */
export const deep = (offset: number): number => (offset * titles) / 100_000;

export type PlanNode = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Actual Total Time': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
};

export type Plans = {
  db: Kysely<DB>;
  /** The plan that a run gets: a quick statement's is made once for all parameters, another's for its own. */
  planOf: (statement: RowStatement) => Promise<PlanNode[]>;
  close: () => Promise<void>;
};

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const literal = (value: unknown) =>
  pg.escapeLiteral(Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join()}}` : String(value));

type Fill = (client: pg.Client) => Promise<unknown>;

/** Rows first, and then their indexes. */
const filling = (fill: Fill) => async (client: pg.Client, database: string) => {
  await fill(client);
  await migrate(database, migrationSets['atp-extras']);
  await client.query('ANALYZE atp.training, atp.prediction, atp.media');
};

/** Titles, and a release of each. */
const generated = filling(async (client) => {
  await generateRows(client, titles);
  await generateMedia(client);
});

/** Over generated titles and releases, or over other rows. */
export async function openPlans(fill?: Fill): Promise<Plans> {
  const database = await createTestDatabase(fill ? 'plain' : await createSharedDatabase('titles', 'plain', generated));
  const client = new pg.Client(database.connectionString);
  await client.connect();
  if (fill) await filling(fill)(client, database.connectionString);
  await client.query(planSettings);
  const db = createDb(createPool({ connection: database.connectionString, max: 1 }));
  return {
    db,
    planOf: async ({ sql, parameters, quick }) => {
      await client.query(`SET plan_cache_mode = ${quick ? 'force_generic_plan' : 'force_custom_plan'}`);
      await client.query(`PREPARE page AS ${sql}`);
      const values = parameters.length > 0 ? `(${parameters.map(literal).join()})` : '';
      const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page${values}`);
      await client.query('DEALLOCATE page');
      return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
    },
    close: async () => {
      await Promise.all([client.end(), db.destroy()]);
      await database.drop();
    },
  };
}

/** The rows that a node gave, over all its runs. */
export const rowsOf = (node: PlanNode): number => Math.round(node['Actual Rows'] * node['Actual Loops']);

const sampleValues: Record<string, string> = {
  media_type: 'movie',
  reviewed: 'false',
  cm_value: 'fp',
  pipeline_status: 'complete',
};

/** The query strings of what is quick. */
export const quickOf = ({ quick }: Served): string[] =>
  quick.flatMap(({ filters, orders }) =>
    orders.map((order) => {
      const asked = filters.map((filter) => (filter.includes('=') ? filter : `${filter}=${sampleValues[filter]}`));
      return [...asked, order === 'random' ? 'order=random&seed=7' : `sort_by=${order}`].join('&');
    }),
  );

/** What no page may cost. */
export function faultsOf(nodes: PlanNode[]): string[] {
  return nodes.flatMap((node) => {
    const type = node['Node Type'];
    const sorted = (node.Plans ?? []).reduce((sum, input) => sum + rowsOf(input), 0);
    if (type === 'Seq Scan') return [`sequential scan of ${node['Relation Name']}`];
    if (type.includes('Sort') && sorted > maximumLimit) return [`${type} of ${sorted} rows, more than a page has`];
    return [];
  });
}
