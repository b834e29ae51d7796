import { sized } from '@at/db/test-size';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mediaList, mediaShape } from '#features/media/queries.ts';
import { served as servedMedia } from '#features/media/served.ts';
import { movieList, movieShape } from '#features/movies/queries.ts';
import { served as servedMovies } from '#features/movies/served.ts';
import { predictionList, predictionShape } from '#features/predictions/queries.ts';
import { served as servedPredictions } from '#features/predictions/served.ts';
import { trainingList, trainingShape } from '#features/training/queries.ts';
import { served as servedTitles } from '#features/training/served.ts';
import { type List, ListStatements } from '#lists/list-statements.ts';
import { openPlans, type PlanNode, type Plans, quickOf } from './query-plans.ts';

/** A page costs the same anywhere among any number of rows that have one value. */

const size = sized(10_000, 2_000_000);
const limit = 21;

let plans: Plans;

beforeAll(async () => {
  plans = await openPlans(async (client) => {
    // Two values, each in one part of the ids, so that a plan that walks the ids passes every row of the other part.
    await client.query(
      `INSERT INTO atp.training (imdb_id, media_type, media_title, release_year, anomalous, reviewed, overview, created_at, updated_at)
       SELECT 'tt' || 10000000 + i, 'movie', CASE WHEN i <= $1 / 2 THEN 'A title' ELSE 'Title' END, 2000, true, false, repeat('text ', 20), at, at
       FROM (
         SELECT i, CASE WHEN i <= $1 / 2 THEN '2025-01-01Z' ELSE '2025-02-01Z' END::timestamptz AS at
         FROM generate_series(1, $1::integer) AS i
       ) AS one`,
      [size],
    );
    await client.query(
      `INSERT INTO atp.prediction (imdb_id, prediction, probability, cm_value, created_at)
       SELECT imdb_id, 0, CASE WHEN created_at < '2025-02-01Z' THEN 0.25 ELSE 0.75 END, 'fp', created_at FROM atp.training`,
    );
    await client.query(
      `INSERT INTO atp.media (hash, media_type, media_title, original_title, pipeline_status, error_status, created_at, updated_at)
       SELECT lpad(substr(imdb_id, 3), 40, '0'), 'movie', media_title, '', 'complete', true, created_at, updated_at FROM atp.training`,
    );
    for (const table of ['training', 'prediction', 'media']) await client.query(`VACUUM ANALYZE atp.${table}`);
  });
}, 1_200_000);
afterAll(async () => {
  const [blocks, times] = [pages.map(blocksOf), pages.map((page) => page['Actual Total Time'])];
  console.log(
    `A page among ${size / 2} rows of one value: at most ${Math.max(...blocks)} blocks, ${Math.max(...times)} ms.`,
  );
  await plans.close();
});

/** The plans of the pages that were read. */
const pages: PlanNode[] = [];
const blocksOf = (page: PlanNode) => page['Shared Hit Blocks'] + page['Shared Read Blocks'];

type Query = Record<string, never>;

const lists = {
  training: (query: Query) => trainingList(plans.db, trainingShape({ ...query, include: 'prediction' })),
  movies: (query: Query) => movieList(plans.db, movieShape(query)),
  predictions: (query: Query) => predictionList(plans.db, predictionShape(query)),
  media: (query: Query) => mediaList(plans.db, mediaShape(query, [])),
};

/** Ids, and their hashes, are never equal. */
const hasTies = (text: string) => !/sort_by=imdb_id|order=random/.test(text);
const bothWays = (text: string) =>
  text.startsWith('order=') ? [text] : [`${text}&sort_order=asc`, `${text}&sort_order=desc`];
const orders: Record<keyof typeof lists, string[]> = {
  training: [
    ...quickOf(servedTitles),
    ...['sort_by=probability', 'media_type=movie&reviewed=false&sort_by=probability', 'order=uncertain'],
    'sort_by=media_title',
  ],
  movies: quickOf(servedMovies),
  predictions: quickOf(servedPredictions),
  media: [...quickOf(servedMedia), 'sort_by=media_title'],
};
const cases = (Object.keys(lists) as (keyof typeof lists)[]).flatMap((list) =>
  orders[list]
    .filter(hasTies)
    .flatMap(bothWays)
    .map((text) => [list, text] as const),
);

/** The parameters as the routes read them. */
const queryOf = (text: string) =>
  Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [
      name,
      value === 'true' || value === 'false' ? value === 'true' : name === 'pipeline_status' ? [value] : value,
    ]),
  ) as Query;

/** The position of the row number `i`. */
function positionOf(list: keyof typeof lists, column: string, i: number) {
  const id = list === 'media' ? String(10_000_000 + i).padStart(40, '0') : `tt${10_000_000 + i}`;
  const isFirst = i <= size / 2;
  if (column === 'media_title') return { segment: 0, value: isFirst ? 'A title' : 'Title', id };
  if (column === 'probability') return { segment: 0, value: isFirst ? '0.25' : '0.75', id };
  return { segment: 0, value: isFirst ? '2025-01-01T00:00:00Z' : '2025-02-01T00:00:00Z', id };
}

const rowsRead = (node: PlanNode) =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];

describe.each(cases)('%s by %s', (list, text) => {
  // In the middle of a part, and where each ends: a page holds both values, or ends the list.
  test.each([0.25, 0.5, 1])('behind a row at %d of the ids a page reads its own rows only', async (share) => {
    const query = queryOf(text);
    const statements = new ListStatements<object, Query>(plans.db, lists[list](query) as unknown as List<object>);
    const column = statements.list.segments[0]?.key.column as string;
    const position = positionOf(list, column, size * share - 5);
    const nodes = await plans.planOf(statements.page(0, { query, limit, offset: 0, position }));
    for (const node of nodes) expect(rowsRead(node), node['Node Type']).toBeLessThanOrEqual(2 * limit);
    const page = nodes[0] as PlanNode;
    pages.push(page);
    expect(blocksOf(page)).toBeLessThan(12 * limit);
  });
});
