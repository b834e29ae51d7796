import type { Problem } from '@at/contracts/problem';
import { createDb, createPool } from '@at/db/client';
import { openReader } from '@at/pg-json-rows';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertTitles, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';

/** What slow statements, and more of them than there are connections, do to everybody else. */

/** Instead of fifteen seconds. */
const statementTimeout = 3_000;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({
    deps: ({ config }) => {
      const options = { connection: config.database as string, statementTimeout };
      const db = createDb(createPool(options));
      const reader = openReader({ createPool: (config) => createPool({ ...options, config }), warn: console.warn });
      readers.push(reader);
      return { db, rows: reader.read };
    },
  });
  await insertTitles(app.db, sampleTitles);
});
afterAll(async () => {
  await Promise.all(readers.map((reader) => reader.end()));
  await app.close();
});
const readers: ReturnType<typeof openReader>[] = [];

const id = sampleTitles[0]?.imdb_id as string;
const quick = '/training?media_type=movie&reviewed=false&sort_by=updated_at&limit=20&count=none';

/** Holds what `lock` takes while `work` runs, over a connection that the API does not have. */
async function whileLocked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const other = createDb(createPool({ connection: app.config.database as string, max: 1 }));
  try {
    return await other.transaction().execute(async (trx) => {
      await sql.raw(lock).execute(trx);
      return work();
    });
  } finally {
    await other.destroy();
  }
}

test('statements that run too long are 503 in a sentence, while pages, labels and health are answered', {
  timeout: 60_000,
}, async () => {
  await app.call('GET', quick);
  const { slow, others } = await whileLocked('lock table atp.prediction in access exclusive mode', async () => {
    let ended = 0;
    // Three times as many as there are connections for what no index serves.
    const slow = Array.from({ length: 12 }, (_, i) =>
      app.call<Problem>('GET', `/movies/?limit=${i + 1}&count=none`).finally(() => {
        ended += 1;
      }),
    );
    const others: number[] = [];
    for (const path of [quick, `/training/${id}/history`, '/health', '/views', '/flyway']) {
      others.push((await app.call('GET', path)).status);
    }
    others.push((await app.call('PATCH', `/training/${id}/would_watch`)).status);
    expect(ended, 'others were answered before the first of the slow ones').toBe(0);
    return { slow: await Promise.all(slow), others };
  });
  expect(others).toEqual([200, 200, 200, 200, 200, 200]);
  for (const { status, headers, body } of slow) {
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(body.details).toMatch(/took too long|became free in time/);
  }
  expect((await app.call('GET', '/movies/')).status).toBe(200);
});

test('with every connection for writes taken, those that wait too long are 503, pages go on, and all recovers', {
  timeout: 60_000,
}, async () => {
  const ids = sampleTitles.slice(0, 40).map((title) => title.imdb_id as string);
  const { waited, pages } = await whileLocked('lock table atp.training in share row exclusive mode', async () => {
    const waiting = ids.map((one) => app.call<Problem>('PATCH', `/training/${one}/would_watch`));
    const pages = await Promise.all(Array.from({ length: 20 }, () => app.call('GET', quick)));
    return { waited: await Promise.all(waiting), pages };
  });
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(waited.map(({ status }) => status))).toEqual(new Set([503]));
  expect(new Set(waited.map(({ body }) => body.details))).toEqual(
    new Set([
      'The write waited longer for another one than it may. Nothing was changed; try again.',
      'No connection to the database became free in time.',
    ]),
  );
  const after = await Promise.all(ids.map((one) => app.call('PATCH', `/training/${one}/would_watch`)));
  expect(new Set(after.map(({ status }) => status))).toEqual(new Set([200]));
});
