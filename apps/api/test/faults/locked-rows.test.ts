import type { Problem } from '@at/contracts/problem';
import { createDb, createPool } from '@at/db/client';
import { sized } from '@at/db/test-size';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { done, itemsOf } from '#test/bulk-operations.ts';
import { insertMedia, sampleHash } from '#test/sample-media.ts';
import { insertTitles, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';

/** Rows that another client of the database has locked, and the requests for other rows. */

const lockPatience = sized(400, 2_000);
let app: TestApp;
/** The same over the same database, with more patience than a test needs. */
let patient: TestApp;
beforeAll(async () => {
  app = await startTestApp({ timing: { lockPatience } });
  patient = await startTestApp({ database: app.config.database as string });
  await insertTitles(app.db, sampleTitles);
  await insertTitles(
    app.db,
    free.map((imdb_id) => ({ imdb_id })),
  );
});
afterAll(async () => {
  await patient.close();
  await app.close();
});

const ids = sampleTitles.map(({ imdb_id }) => imdb_id as string);
/** More than the pool for writes has connections. */
const locked = ids.slice(0, 6);
const free = Array.from({ length: 60 }, (_, i) => `tt${8_000_000 + i}`);

const patch = (id: string, to = 'would_watch', by = app) => by.call<Problem>('PATCH', `/training/${id}/${to}`);

/** Holds locks while `work` runs, over a connection that the API does not have. */
async function whileLocked<T>(lock: ReturnType<typeof sql>, work: () => Promise<T>): Promise<T> {
  const other = createDb(createPool({ connection: app.config.database as string, max: 1 }));
  try {
    return await other.transaction().execute(async (trx) => {
      await lock.execute(trx);
      return work();
    });
  } finally {
    await other.destroy();
  }
}
const lockTitles = (keys: string[]) => sql`select from atp.training where imdb_id = any(${keys}::text[]) for update`;

test('sixty writes to other titles succeed while more rows are locked than there are connections; a write to a locked one is 503 and names it', async ({
  annotate,
}) => {
  await whileLocked(lockTitles(locked), async () => {
    const blocked = locked.flatMap((id) => [id, id]).map((id) => patch(id));
    const begun = performance.now();
    const replies = await Promise.all(free.map((id, i) => patch(id, i % 2 ? 'would_watch' : 'would_not_watch')));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const milliseconds = Math.round(performance.now() - begun);
    await annotate(`${replies.length} of ${free.length} other writes succeeded, in ${milliseconds} ms`, 'figure');
    expect((await app.call('GET', `/training/${locked[0]}/history`)).status).toBe(200);
    for (const [i, { status, headers, body }] of (await Promise.all(blocked)).entries()) {
      expect(status).toBe(503);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      const message = `Another session of the database has locked ${locked[i >> 1]}. Nothing was changed; try again.`;
      expect(body).toMatchObject({ error: 'Database error', message, details: message });
    }
  });
  for (const id of locked) expect((await patch(id)).status).toBe(200);
});

test('a row that becomes free in time is written', async () => {
  const [id] = locked as [string];
  const { written } = await whileLocked(lockTitles([id]), async () => {
    const written = patch(id, 'would_not_watch', patient);
    const waiting = () =>
      sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(app.db);
    while ((await waiting()).rows.length === 0);
    return { written };
  });
  expect((await written).status).toBe(200);
});

test('every kind of write to a locked row is 503 and names the row', async () => {
  const hash = sampleHash(0);
  await insertMedia(app.db, [{ hash }]);
  const [imdb_id] = locked as [string];
  const requests: [method: string, path: string, names: string, body?: object][] = [
    ['PATCH', `/training/${imdb_id}`, imdb_id, { imdb_id, reviewed: true }],
    ['PATCH', `/training/${imdb_id}/would_not_watch`, imdb_id],
    ['POST', `/training/${imdb_id}/undo`, imdb_id, { event_id: 1 }],
    ['PATCH', `/media/${hash}/pipeline`, hash, { hash, pipeline_status: 'paused' }],
    ['PATCH', `/media/${hash}/finish`, hash],
    ['PATCH', `/media/${hash}/soft_delete`, hash],
    ['PATCH', `/media/${hash}/restore`, hash],
  ];
  const lock = sql`with title as (select from atp.training where imdb_id = ${imdb_id} for update)
    select from title, atp.media where hash = ${hash} for update of media`;
  const replies = await whileLocked(lock, () =>
    Promise.all(requests.map(([method, path, , body]) => app.call<Problem>(method, path, body ? { body } : {}))),
  );
  for (const [i, { status, body }] of replies.entries()) {
    const [method, path, names] = requests[i] as (typeof requests)[number];
    expect([method, path, status, body.details]).toEqual([
      method,
      path,
      503,
      `Another session of the database has locked ${names}. Nothing was changed; try again.`,
    ]);
  }
});

test('a lock_timeout of the role is 503 for reads too', async () => {
  const name = new URL(app.config.database as string).pathname.slice(1);
  await sql`alter database ${sql.id(name)} set lock_timeout = '10ms'`.execute(app.db);
  const other = await startTestApp({ database: app.config.database as string });
  try {
    const { status, headers, body } = await whileLocked(sql`lock table atp.prediction`, () =>
      other.call<Problem>('GET', '/movies/?count=none'),
    );
    expect([status, body.details]).toEqual([
      503,
      'Another session of the database has locked what this needs. Try again.',
    ]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  } finally {
    await other.close();
    await sql`alter database ${sql.id(name)} reset lock_timeout`.execute(app.db);
  }
});

test('a bulk operation does every free row, tries the locked ones again at the end, and reports them alone', async ({
  annotate,
}) => {
  const hashes = [1, 2, 3].map(sampleHash);
  await insertMedia(
    app.db,
    hashes.map((hash) => ({ hash })),
  );
  const [hash] = hashes as [string];
  const lock = sql`with title as (select from atp.training where imdb_id = ${locked[0]} for update)
    select from title, atp.media where hash = ${hash} for update of media`;
  const operations = await whileLocked(lock, () =>
    Promise.all([
      done(app, { subject: 'training', action: 'would_not_watch', ids }),
      done(app, { subject: 'media', action: 'finish', ids: hashes }),
    ]),
  );
  for (const [{ operation_id }, key] of [
    [operations[0], locked[0]],
    [operations[1], hash],
  ] as const) {
    const items = await itemsOf(app, operation_id);
    const left = items.filter(({ result }) => result !== 'done' && result !== 'unchanged');
    const problem =
      'Another session of the database has locked it, so it was not changed. Run the change again for it.';
    expect(left).toMatchObject([{ key, result: 'failed', problem, after: null }]);
  }
  await annotate(`${ids.length + hashes.length} items in bulk, 2 locked; 2 reported, all others changed`, 'figure');
});
