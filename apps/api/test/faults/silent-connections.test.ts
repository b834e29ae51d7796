import type { Problem } from '@at/contracts/problem';
import { createDb, createPool } from '@at/db/client';
import { startProxy, type TestProxy } from '@at/db/test-proxy';
import { deepLimit, sized } from '@at/db/test-size';
import { createTestDatabase } from '@at/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

function expectFault({ status, headers, details, milliseconds }: Timed): void {
  expect(status).toBe(503);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(details).toMatch(/^(The database is unreachable|No connection to the database became free in time)\.$/);
  expect(milliseconds).toBeLessThan(deepLimit(15_000));
}

let app: TestApp;
let proxy: TestProxy;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  proxy = await startProxy(database.connectionString);
  const timing = { connectTimeout: sized(1_000, 3_000) };
  app = await startTestApp({ database: proxy.connectionString, timing });
  close = async () => {
    proxy.close();
    await app.close();
    await database.drop();
  };
  const direct = createDb(createPool({ connection: database.connectionString }));
  await insertTitles(direct, sampleTitles);
  await direct.destroy();
});
afterAll(() => close());

/** Opens connections of every pool. */
async function warm(): Promise<void> {
  while (proxy.open() < 12) await untilAllSucceed();
}

test('open connections go silent, new ones work: every kind of request succeeds again within a second, and so do events', async () => {
  await warm();
  const stream = await follow(app.port, '?types=title.changed');
  await stream.until(() => stream.of('ready').length > 0);
  proxy.freeze();
  expect(await untilAllSucceed()).toBeLessThan(deepLimit(1_000));
  await app.call('PATCH', `/training/${id}/would_not_watch`);
  await stream.until(() => JSON.stringify(stream.of('title.changed').at(-1)?.data ?? '').includes(id));
  stream.close();
});

test('a path that forwards nothing, not for new connections either, is 503; when it does again, requests succeed within a second', async () => {
  await warm();
  proxy.swallow(true);
  proxy.freeze();
  for (let round = 0; round < 2; round += 1) {
    for (const reply of await Promise.all(requests.map(ask))) expectFault(reply);
  }
  const waiting = Promise.all(requests.map(ask));
  proxy.swallow(false);
  expect(await untilAllSucceed()).toBeLessThan(deepLimit(1_000));
  await waiting;
});
