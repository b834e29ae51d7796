import type { Operation } from '@at/contracts/bulk';
import type { Problem } from '@at/contracts/problem';
import { createDb, createPool } from '@at/db/client';
import { startProxy, type TestProxy } from '@at/db/test-proxy';
import { deepLimit, sized } from '@at/db/test-size';
import { createTestDatabase } from '@at/db/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { previewed, run } from '#test/bulk-operations.ts';
import { follow } from '#test/event-follower.ts';
import { insertTitles, type Reply, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';

/** The path to the database stays open and forwards nothing: what requests and event streams get, and how soon again. */

const id = sampleTitles[0]?.imdb_id as string;

const requests: [method: string, path: string][] = [
  ['GET', '/training?media_type=movie&reviewed=false&sort_by=updated_at&limit=20'],
  ['GET', '/training?media_title=a'],
  ['GET', '/movies/?count=none'],
  ['GET', `/training/${id}`],
  ['GET', '/training/stats'],
  ['GET', '/prediction/evaluation'],
  ['GET', '/prediction/slices'],
  ['GET', '/media/'],
  ['GET', '/operations'],
  ['PATCH', `/training/${id}/would_watch`],
];

type Timed = { status: number; headers: Reply['headers']; details: unknown; milliseconds: number };

async function ask([method, path]: (typeof requests)[number]): Promise<Timed> {
  const began = performance.now();
  const { status, headers, body } = await app.call<Problem>(method, path);
  return { status, headers, details: body.details, milliseconds: performance.now() - began };
}

/** Each request, again until it succeeds; the milliseconds until the last did. Other replies are 503 in time. */
async function untilAllSucceed(): Promise<number> {
  const began = performance.now();
  await Promise.all(
    requests.map(async (request) => {
      for (let reply = await ask(request); reply.status !== 200; reply = await ask(request)) expectFault(reply);
    }),
  );
  return performance.now() - began;
}

async function expectRecovery({ annotate }: TestContext): Promise<void> {
  const milliseconds = await untilAllSucceed();
  await annotate(`every kind of request succeeded after ${Math.round(milliseconds)} ms`, 'figure');
  expect(milliseconds).toBeLessThan(deepLimit(1_000));
}

function expectFault({ status, headers, details, milliseconds }: Timed): void {
  expect(status).toBe(503);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(details).toMatch(/^(The database is unreachable|No connection to the database became free in time)\.$/);
  expect(milliseconds).toBeLessThan(deepLimit(15_000));
}

let app: TestApp;
let proxy: TestProxy;
/** Not through the proxy. */
let direct: ReturnType<typeof createDb>;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  proxy = await startProxy(database.connectionString);
  const timing = { connectTimeout: sized(1_000, 3_000) };
  app = await startTestApp({ database: proxy.connectionString, timing, deps: () => ({ ownerInterval: 100 }) });
  close = async () => {
    proxy.close();
    await app.close();
    await direct.destroy();
    await database.drop();
  };
  direct = createDb(createPool({ connection: database.connectionString }));
  await insertTitles(direct, sampleTitles);
});
afterAll(() => close());

/** Opens connections of every pool. */
async function warm(): Promise<void> {
  while (proxy.open() < 12) await untilAllSucceed();
}

test('open connections go silent, new ones work: every kind of request succeeds again within a second, and so do events', async (context) => {
  await warm();
  const stream = await follow(app.port, '?types=title.changed');
  await stream.until(() => stream.of('ready').length > 0);
  proxy.freeze();
  await expectRecovery(context);
  await app.call('PATCH', `/training/${id}/would_not_watch`);
  await stream.until(() => JSON.stringify(stream.of('title.changed').at(-1)?.data ?? '').includes(id));
  stream.close();
});

test('a path that forwards nothing, not for new connections either, is 503; when it does again, requests succeed within a second', async (context) => {
  await warm();
  proxy.swallow(true);
  proxy.freeze();
  for (let round = 0; round < 2; round += 1) {
    for (const reply of await Promise.all(requests.map(ask))) expectFault(reply);
  }
  const waiting = Promise.all(requests.map(ask));
  proxy.swallow(false);
  await expectRecovery(context);
  await waiting;
});

test('a bulk operation whose connection goes silent continues on a new one, and each title is labelled once', async ({
  annotate,
}) => {
  const ids = Array.from({ length: sized(1_000, 4_000) }, (_, i) => `tt${8_000_000 + i}`);
  await insertTitles(
    direct,
    ids.map((imdb_id) => ({ imdb_id })),
  );
  const { operation_id } = await previewed(app, { subject: 'training', action: 'would_watch', ids });
  await run(app, operation_id);
  const isBegun = (reply: Reply<Operation>) => reply.status === 200 && reply.body.counts.done > 0;
  const look = () => app.call<Operation>('GET', `/operations/${operation_id}`);
  while (!isBegun(await look()));
  proxy.freeze();
  let last = await look();
  while (last.status !== 200 || last.body.state !== 'done') last = await look();
  expect(last.body.counts).toMatchObject({ done: ids.length, conflict: 0, failed: 0 });
  const { rows } = await sql`
    select count(*)::integer as events, count(distinct imdb_id)::integer as titles from console.label_event
    where operation_id = ${operation_id}::uuid`.execute(direct);
  expect(rows).toEqual([{ events: ids.length, titles: ids.length }]);
  await annotate(`${ids.length} titles, 0 lost, 0 labelled twice`, 'figure');
});
