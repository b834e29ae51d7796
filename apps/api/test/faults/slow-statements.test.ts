import type { Problem } from '@at/contracts/problem';
import { createDb, createPool } from '@at/db/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertTitles, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';

/** The effect of slow statements, and of more of them than there are connections, on other requests. */

let app: TestApp;
/** The same over the same database, with short timeouts: for statements, and for locks. */
let impatient: TestApp;
let impatientWriter: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  const database = app.config.database as string;
  // So far apart that no connection becomes free for a request that waits, on a busy machine too.
  impatient = await startTestApp({ database, timing: { statementTimeout: 2_500, connectTimeout: 1_000 } });
  impatientWriter = await startTestApp({ database, timing: { lockPatience: 500 } });
  await insertTitles(app.db, sampleTitles);
});
afterAll(async () => {
  await impatient.close();
  await impatientWriter.close();
  await app.close();
});

const id = sampleTitles[0]?.imdb_id as string;
const quick = '/training?media_type=movie&reviewed=false&sort_by=updated_at&limit=20&count=none';

/** Holds what `locks` take while `work` runs, over a connection that the API does not have. */
async function whileLocked<T>(locks: string[], work: () => Promise<T>): Promise<T> {
  const other = createDb(createPool({ connection: app.config.database as string, max: 1 }));
  try {
    return await other.transaction().execute(async (trx) => {
      for (const lock of locks) await sql.raw(lock).execute(trx);
      return work();
    });
  } finally {
    await other.destroy();
  }
}

const noReads = 'lock table atp.prediction in access exclusive mode';
const noWrites = 'lock table atp.training in share row exclusive mode';

/** Three times as many as there are connections for what no index serves. */
const slowReads = (by: TestApp) =>
  Array.from({ length: 12 }, (_, i) => by.call<Problem>('GET', `/movies/?limit=${i + 1}&count=none`));

/** Ten times as many as there are connections for writes. */
const writes = (by: TestApp) =>
  sampleTitles.slice(0, 40).map(({ imdb_id }) => by.call<Problem>('PATCH', `/training/${imdb_id}/would_watch`));

const statusesOf = async (replies: Promise<{ status: number }>[]) =>
  new Set((await Promise.all(replies)).map(({ status }) => status));

test('while more slow statements run than there are connections for them, pages, labels and health respond', async () => {
  await app.call('GET', quick);
  const slow = await whileLocked([noReads], async () => {
    let ended = 0;
    const slow = slowReads(app).map((reply) => reply.finally(() => (ended += 1)));
    for (const path of [quick, `/training/${id}/history`, '/health', '/views', '/flyway']) {
      expect((await app.call('GET', path)).status, path).toBe(200);
    }
    expect((await app.call('PATCH', `/training/${id}/would_watch`)).status).toBe(200);
    expect(ended).toBe(0);
    return slow;
  });
  expect(await statusesOf(slow)).toEqual(new Set([200]));
});

test('while writes wait on every connection for writes, pages respond', async () => {
  const waiting = await whileLocked([noWrites], async () => {
    const waiting = writes(app);
    expect(await statusesOf(Array.from({ length: 20 }, () => app.call('GET', quick)))).toEqual(new Set([200]));
    return waiting;
  });
  expect(await statusesOf(waiting)).toEqual(new Set([200]));
});

test('statements that run too long, and requests that wait too long for a connection, are 503; later ones succeed', async () => {
  const [read, written] = await whileLocked([noReads, noWrites], () =>
    Promise.all([Promise.all(slowReads(impatient)), Promise.all(writes(impatientWriter))]),
  );
  for (const { status, headers } of [...read, ...written]) {
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  }
  const detailsOf = (replies: typeof read) => new Set(replies.map(({ body }) => body.details));
  const noConnection = 'No connection to the database became free in time.';
  expect(detailsOf(read)).toEqual(new Set([expect.stringContaining('took too long'), noConnection]));
  expect(detailsOf(written)).toEqual(
    new Set(sampleTitles.slice(0, 40).map(({ imdb_id }) => expect.stringContaining(`has locked ${imdb_id}.`))),
  );
  // One after the other, so that none waits for the connection of another.
  for (const limit of [1, 2, 3]) expect((await impatient.call('GET', `/movies/?limit=${limit}`)).status).toBe(200);
  expect(await statusesOf(writes(impatientWriter))).toEqual(new Set([200]));
});
