import { demoImdbIds } from '@at/contracts/vocabulary';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatabaseNotEmpty, loadDemo, readCatalogue } from './load.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client(database.connectionString);
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

const counts = async () => {
  const { rows } = await client.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM atp.training) AS training,
            (SELECT count(*)::int FROM atp.prediction) AS prediction,
            (SELECT count(*)::int FROM atp.media) AS media`,
  );
  return rows[0];
};

/** The one row of a query. */
const one = async (sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows[0];

test.each([
  [
    'atp.training',
    "INSERT INTO atp.training (imdb_id, media_type, media_title, release_year) VALUES ('tt0000001', 'movie', 'Mine', 1999)",
  ],
  ['atp.media', "INSERT INTO atp.media (hash, media_type, original_title) VALUES (repeat('a', 40), 'movie', 'Mine')"],
  [
    'atp.prediction',
    "INSERT INTO atp.prediction (imdb_id, prediction, probability, cm_value) VALUES ('tt0000001', 1, 0.9, 'tp')",
  ],
])('a database with a row in %s is refused by name and left as it was', async (table, insert) => {
  await client.query(insert);
  const before = await counts();
  const refusal = loadDemo(client);
  await expect(refusal).rejects.toBeInstanceOf(DatabaseNotEmpty);
  await expect(refusal).rejects.toThrow(`${table} already has rows`);
  expect(await counts()).toEqual(before);
  await client.query(`DELETE FROM ${table}`);
});

test('a load that fails halfway leaves nothing, and the connection stays usable', async () => {
  await client.query('ALTER TABLE atp.media ADD CONSTRAINT no_series CHECK (media_type = $$movie$$)');
  await expect(loadDemo(client)).rejects.toThrow('no_series');
  expect(await counts()).toEqual({ training: 0, prediction: 0, media: 0 });
  await client.query('ALTER TABLE atp.media DROP CONSTRAINT no_series');
});

describe('what is loaded', () => {
  let loaded: Awaited<ReturnType<typeof loadDemo>>;
  beforeAll(async () => {
    await client.query("SET TimeZone = 'Asia/Kolkata'");
    loaded = await loadDemo(client);
  });

  test('it is the whole catalogue, and the number of its rows is returned', async () => {
    const catalogue = await readCatalogue();
    expect(loaded).toEqual({
      training: catalogue.training.rows.length,
      prediction: catalogue.prediction.rows.length,
      media: catalogue.media.rows.length,
    });
    expect(await counts()).toEqual(loaded);
  });

  test('it has the values of the catalogue, and null for unknown ones', async () => {
    const { training } = await readCatalogue();
    const { rows } = await client.query({
      text: `SELECT imdb_id, media_type, media_title, release_year, budget::float8, revenue::float8, runtime, genre, rt_score,
                    imdb_rating::float8, imdb_votes, label, human_labeled, anomalous, reviewed
             FROM atp.training ORDER BY imdb_id`,
      rowMode: 'array',
    });
    expect(rows).toEqual(training.rows.map((row) => row.slice(0, -2)));
    const unknown = await one(
      `SELECT num_nonnulls(tmdb_id, season, episode, origin_country, production_companies, production_countries,
         production_status, original_language, spoken_languages, original_media_title, tagline, overview, tmdb_rating,
         tmdb_votes, metascore) AS known
       FROM atp.training ORDER BY 1 DESC LIMIT 1`,
    );
    expect(unknown).toEqual({ known: 0 });
  });

  test('every title has an id in the demo range', async () => {
    const outside = await one('SELECT count(*)::int AS n FROM atp.training WHERE imdb_id NOT BETWEEN $1 AND $2', [
      demoImdbIds.first,
      demoImdbIds.last,
    ]);
    expect(outside).toEqual({ n: 0 });
  });

  test('it has current dates, in any time zone of the session', async () => {
    const { training, media } = await readCatalogue();
    const newest = (table: typeof training, column: string) =>
      Math.min(...table.rows.map((row) => row[table.columns.indexOf(column)] as number));
    const seconds = await one(
      `SELECT round(extract(epoch FROM now() - max(created_at)))::int AS title,
              (SELECT round(extract(epoch FROM now() - max(updated_at)))::int FROM atp.media) AS media,
              count(*) FILTER (WHERE updated_at > now())::int AS in_future
       FROM atp.training`,
    );
    // The test takes some time between load and query; time zones differ by more.
    const minutes = 10 * 60;
    expect(seconds.title - newest(training, 'created_at')).toBeLessThan(minutes);
    expect(seconds.title - newest(training, 'created_at')).toBeGreaterThanOrEqual(0);
    expect(seconds.media - newest(media, 'updated_at')).toBeLessThan(minutes);
    expect(seconds.in_future).toBe(0);
  });

  test('row estimates are correct at once', async () => {
    const { reltuples } = await one("SELECT reltuples::int FROM pg_class WHERE oid = 'atp.training'::regclass");
    expect(reltuples).toBe(loaded.training);
  });

  test('a second one is refused, and the first one stays', async () => {
    await expect(loadDemo(client)).rejects.toThrow(DatabaseNotEmpty);
    expect(await counts()).toEqual(loaded);
  });
});
