import type { MetadataSources } from '@at/adapters/metadata-sources';
import { type FakeMetadata, film, rated, startMetadata } from '@at/adapters/test/fake-metadata';
import type { MetadataOutput } from '@at/contracts/training';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase, emptyTables, type TestDatabase } from '@at/db/testing';
import { JobQueue } from '@at/runs/job-queue';
import { findRun } from '@at/runs/reports';
import { Runs } from '@at/runs/runs';
import { Worker } from '@at/runs/worker';
import { type Kysely, sql } from 'kysely';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { rerunMetadata } from './rerun-metadata.ts';

let fake: FakeMetadata;
let database: TestDatabase;
let db: Kysely<DB>;
let sources: MetadataSources;
beforeAll(async () => {
  fake = await startMetadata();
  database = await createTestDatabase('plain');
  db = createDb(createPool({ connection: database.connectionString }));
  return async () => {
    await db.destroy();
    await database.drop();
    await fake.close();
  };
});
beforeEach(async () => {
  await db.deleteFrom('atp.training').execute();
  await emptyTables(db, 'console.run', 'console.job', 'console.run_log');
  const { movie, tv } = fake.tmdb;
  sources = { movie: { tmdb: movie, omdb: fake.omdb }, tv: { tmdb: tv, omdb: null } };
  fake.answer = undefined;
  fake.requests = [];
  fake.found.clear();
  fake.ratings.clear();
  fake.details.movie.clear();
});

const idOf = (n: number) => `tt${String(n).padStart(7, '0')}`;

/** Titles without facts, which both sources know. */
async function insertKnown(count: number, values: object = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => idOf(i + 1));
  const title = { media_type: 'movie', media_title: 'Lantern', release_year: 1998, ...values } as const;
  await db
    .insertInto('atp.training')
    .values(ids.map((imdb_id) => ({ ...title, imdb_id })))
    .execute();
  for (const [i, imdb_id] of ids.entries()) {
    fake.details.movie.set(i + 1, film(i + 1, imdb_id));
    fake.ratings.set(imdb_id, rated(imdb_id));
  }
  return ids;
}

/** Starts a run and a worker that does it. */
async function start(titles: string[] | 'without facts') {
  const queue = new JobQueue({ connection: database.connectionString }, { supervises: false, onError: console.error });
  const adapters = { metadata: sources };
  const worker = new Worker({
    database: { connection: database.connectionString },
    tasks: [rerunMetadata as never],
    schedules: [],
    adapters,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    version: '0',
  });
  worker.start();
  onTestFinished(async () => {
    await worker.stop();
    await queue.stop();
  });
  const runs = new Runs(queue, adapters);
  const actor = { name: 'ann', verified: true };
  const { id } = await db
    .transaction()
    .execute((trx) => runs.start(trx, rerunMetadata, { titles }, { starter: { trigger: 'manual', actor } }));
  return { id, runs };
}

async function ended(id: string) {
  await expect
    .poll(async () => (await findRun(db, id))?.state, { interval: 20 })
    .toMatch(/^(completed|failed|cancelled|retrying)$/);
  const run = await findRun(db, id);
  const [step] = run?.steps ?? [];
  return {
    state: run?.state,
    output: step?.output as MetadataOutput | null,
    error: step?.error,
    progress: step?.progress,
  };
}

const lines = async () =>
  (await sql<{ message: string }>`select message from console.run_log order by seq`.execute(db)).rows.map(
    ({ message }) => message,
  );

test('the titles of a selection are refreshed, and the output names what changed of each', async () => {
  const ids = await insertKnown(6);
  fake.details.movie.delete(6);
  fake.ratings.delete(idOf(6));
  const { id } = await start([...ids, 'tt0000099']);
  const { state, output, progress } = await ended(id);
  expect(state).toBe('completed');
  expect(output).toMatchObject({ changed: 5, unchanged: 0, unknown: 2, failed: 0, sources: [] });
  expect(progress).toMatchObject({ done: 7, total: 7, unit: 'titles' });
  const named = new Map(output?.titles.map((title) => [title.imdb_id, title]));
  expect(named.get(idOf(1))?.changes).toContainEqual({ column: 'runtime', from: null, to: 136 });
  expect(named.get(idOf(6))).toEqual({
    imdb_id: idOf(6),
    changes: [],
    notes: [`TMDB does not know ${idOf(6)}.`, `OMDb does not know ${idOf(6)}.`],
  });
});

test('all titles that lack facts of a configured source are refreshed, and no others', async () => {
  await insertKnown(3);
  await db.updateTable('atp.training').set({ media_type: 'tv_show' }).where('imdb_id', '=', idOf(2)).execute();
  sources.tv.tmdb = null;
  const whole = { tmdb_id: 3, genre: ['Drama'], overview: 'x', tmdb_votes: 1, imdb_votes: 1 };
  await db.updateTable('atp.training').set(whole).where('imdb_id', '=', idOf(3)).execute();
  const { output } = await ended((await start('without facts')).id);
  expect(output).toMatchObject({ changed: 1, unchanged: 0, unknown: 0, failed: 0 });
  expect(output?.titles.map(({ imdb_id }) => imdb_id)).toEqual([idOf(1)]);
});

test('a source that asks for a pause is asked again', async () => {
  const ids = await insertKnown(1);
  let left = 2;
  fake.answer = (_request, reply) => {
    left -= 1;
    if (left === 0) fake.answer = undefined;
    reply.writeHead(429, { 'retry-after': '0' }).end();
  };
  const { output } = await ended((await start(ids)).id);
  expect(output).toMatchObject({ changed: 1, failed: 0, sources: [] });
  expect(await lines()).toContainEqual(expect.stringContaining('refuses more requests for now (429)'));
});

test('where OMDb has no requests left, the facts of TMDB are written, and OMDb is left alone', async () => {
  const ids = await insertKnown(8);
  const none = JSON.stringify({ Response: 'False', Error: 'Request limit reached!' });
  fake.answer = (request, reply) => {
    if (request.url?.startsWith('/?')) reply.writeHead(401).end(none);
    else fake.handle(request, reply);
  };
  const { state, output } = await ended((await start(ids)).id);
  expect([state, output]).toMatchObject([
    'completed',
    {
      changed: 8,
      failed: 0,
      sources: ['The key of OMDb has no requests left for today. OMDb was not asked for the other titles.'],
    },
  ]);
  // Those that were read at once have asked too.
  expect(fake.requests.filter(({ url }) => url.startsWith('/?')).length).toBeLessThanOrEqual(4);
});

test('a key that is refused ends the run at once; a source that is gone is tried again later', async () => {
  const ids = await insertKnown(2);
  fake.answer = (_request, reply) => void reply.writeHead(401).end('{}');
  expect(await ended((await start(ids)).id)).toMatchObject({
    state: 'failed',
    error: { message: expect.stringMatching(/^(TMDB|OMDb) refuses the key \(401\)\. Check AT_MOVIE_\w+_API_KEY\.$/) },
  });
  fake.answer = (_request, reply) => void reply.writeHead(503, { 'retry-after': '0' }).end();
  expect(await ended((await start(ids)).id)).toMatchObject({
    state: 'retrying',
    error: { message: expect.stringContaining('has a fault of its own (503)') },
  });
});

test('a cancelled run stops between two requests', async () => {
  const ids = await insertKnown(1);
  let asked = () => {};
  const hasAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  fake.answer = () => asked();
  const { id, runs } = await start(ids);
  await hasAsked;
  await db.transaction().execute((trx) => runs.cancel(trx, id, 'ann'));
  expect((await ended(id)).state).toBe('cancelled');
});

test('without a key it is not configured', async () => {
  const nothing = { tmdb: null, omdb: null };
  sources = { movie: nothing, tv: nothing };
  await expect(start([idOf(1)])).rejects.toMatchObject({
    name: 'NotConfigured',
    missing: ['AT_MOVIE_DETAILS_API_KEY'],
  });
});
