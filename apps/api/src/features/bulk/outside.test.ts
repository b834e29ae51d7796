import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import {
  closedPort,
  type Daemon,
  magnetOf,
  randomHash,
  startTransmission,
} from '@at/adapters/test/transmission-daemon';
import { openTransmission, type Transmission } from '@at/adapters/transmission';
import type { OperationRequest } from '@at/contracts/bulk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { done, itemsOf, preview, resultsOf, run, undone, until } from '#test/bulk-operations.ts';
import { insertMedia, type MediaItem } from '#test/sample-media.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

/** What operations do beside the database: torrents in a real Transmission. */

let daemon: Daemon;
let transmission: Transmission;
let app: TestApp;

beforeAll(async () => {
  daemon = await startTransmission();
  transmission = openTransmission(daemon.settings);
  app = await startTestApp({ config: daemon.environment });
});
afterAll(async () => {
  await app.close();
  await daemon.stop();
});

/** Another product with another Transmission, or without one. */
async function startWith(config: Record<string, string>, timeout = 5_000): Promise<TestApp> {
  const other = await startTestApp({
    config,
    deps: ({ config: { transmission } }) => ({ transmission: openTransmission(transmission, { timeout }) }),
  });
  onTestFinished(() => other.close());
  return other;
}
async function newItems(to: TestApp, ...items: MediaItem[]): Promise<string[]> {
  const hashes = items.map(randomHash);
  await insertMedia(
    to.db,
    items.map((item, i) => ({ hash: hashes[i] as string, original_link: magnetOf(hashes[i] as string), ...item })),
  );
  return hashes;
}
const areThere = async (hashes: string[]) => {
  const there = new Set((await transmission.list(hashes)).map(({ hash }) => hash));
  return hashes.map((hash) => there.has(hash));
};
const media = (action: 'approve' | 'finish' | 'delete', ids: string[]): OperationRequest => ({
  subject: 'media',
  action,
  ids,
});
const statesOf = async (by: TestApp, ids: string[]) => {
  const rows = await by.db
    .selectFrom('atp.media')
    .select(['hash', 'pipeline_status'])
    .where('hash', 'in', ids)
    .execute();
  return ids.map((id) => rows.find(({ hash }) => hash === id)?.pipeline_status);
};

test('approving hands each torrent to Transmission; what cannot be approved says why, and the rest is done', async () => {
  const ids = await newItems(
    app,
    {},
    { original_link: null },
    { original_link: 'magnet:?xt=urn:btih:short' },
    { deleted_at: '2025-07-01T00:00:00Z' },
    {},
    {},
  );
  const [first, noLink, refused, deleted, changed, last] = ids as [string, string, string, string, string, string];
  const {
    operation: { operation_id },
    sample,
  } = (await preview(app, media('approve', ids))).body;
  // The preview does not ask Transmission.
  expect(sample.map(({ result, problem, after }) => [result, problem, after !== null])).toEqual([
    ['pending', null, true],
    ['failed', 'Media entry has no torrent link (original_link)', false],
    ['pending', null, true],
    ['failed', `Media has been deleted: ${deleted}`, false],
    ['pending', null, true],
    ['pending', null, true],
  ]);
  await app.call('PATCH', `/media/${changed}/pipeline`, { body: { hash: changed, pipeline_status: 'parsed' } });
  await run(app, operation_id);
  expect((await until(app, operation_id, 'done')).counts).toMatchObject({ done: 2, failed: 3, conflict: 1 });
  expect(await resultsOf(app, operation_id)).toEqual({
    [first]: 'done',
    [noLink]: 'failed',
    [refused]: 'failed',
    [deleted]: 'failed',
    [changed]: 'conflict',
    [last]: 'done',
  });
  const problems = (await itemsOf(app, operation_id)).map(({ problem }) => problem);
  expect(problems[1]).toBe('Media entry has no torrent link (original_link)');
  expect(problems[2]).toMatch(/^Transmission refused: /);
  expect(problems[3]).toBe(`Media has been deleted: ${deleted}`);
  expect(await statesOf(app, [first, noLink, changed])).toEqual(['media_accepted', 'ingested', 'parsed']);
  expect(await areThere([first, deleted, changed, last])).toEqual([true, false, false, true]);
});

test('the inverse of approving takes those torrents out again that were added by it', async () => {
  const ids = await newItems(app, {}, {});
  const [added, wasThere] = ids as [string, string];
  await transmission.add(magnetOf(wasThere));
  const { operation_id } = await done(app, media('approve', ids));
  expect(await areThere(ids)).toEqual([true, true]);
  expect((await undone(app, operation_id)).counts).toMatchObject({ done: 2 });
  expect(await areThere([added, wasThere])).toEqual([false, true]);
  expect(await statesOf(app, ids)).toEqual(['ingested', 'ingested']);
});

test('approving and finishing what was so already is unchanged, its row too; a torrent that is left is added or removed', async () => {
  const ids = await newItems(app, {}, {});
  const [known] = ids as [string];
  const versions = () =>
    app.db.selectFrom('atp.media').select(['hash', 'updated_at']).where('hash', 'in', ids).orderBy('hash').execute();
  for (const [action, change] of [
    ['approve', () => transmission.remove([known], true)],
    ['finish', () => transmission.add(magnetOf(known))],
  ] as const) {
    expect((await done(app, media(action, ids))).counts, action).toMatchObject({ done: 2 });
    const before = await versions();
    const again = await done(app, media(action, ids));
    expect(again, action).toMatchObject({ counts: { done: 0, unchanged: 2 }, can_invert: false });
    await change();
    const third = await done(app, media(action, ids));
    expect(await resultsOf(app, third.operation_id), action).toEqual({
      [known]: 'done',
      [ids[1] as string]: 'unchanged',
    });
    expect(await areThere(ids), action).toEqual(action === 'approve' ? [true, true] : [false, false]);
    expect(await versions(), action).toEqual(before);
    const inverse = await undone(app, third.operation_id);
    expect(inverse.counts, action).toMatchObject({ done: 1 });
    expect(await areThere([known]), action).toEqual([action === 'finish']);
  }
});

test('finishing and deleting remove the torrents; the inverse adds those again whose data was kept', async () => {
  for (const action of ['finish', 'delete'] as const) {
    const ids = await newItems(app, {}, {});
    const [known] = ids as [string];
    await transmission.add(magnetOf(known));
    const { operation_id } = await done(app, media(action, ids));
    expect(await areThere([known]), action).toEqual([false]);
    const inverse = await undone(app, operation_id);
    expect(inverse.counts, action).toMatchObject({ done: 2 });
    expect(await areThere(ids), action).toEqual([action === 'finish', false]);
    const problems = (await itemsOf(app, inverse.operation_id)).map(({ problem }) => problem);
    const notFetched = expect.stringContaining('are not restored');
    expect(problems, action).toEqual(action === 'finish' ? [null, null] : [notFetched, null]);
  }
});

test('labelling would_not_watch removes the torrent of a title’s release, and the inverse brings it back', async () => {
  const ids = ['tt7000001', 'tt7000002'];
  await insertTitles(
    app.db,
    ids.map((imdb_id) => ({ imdb_id })),
  );
  const [hash] = (await newItems(app, { imdb_id: ids[0] as string })) as [string];
  await transmission.add(magnetOf(hash));
  const { operation_id } = await done(app, { subject: 'training', action: 'would_not_watch', ids });
  expect(await areThere([hash])).toEqual([false]);
  const problems = (await itemsOf(app, operation_id)).map(({ problem }) => problem);
  expect(problems).toEqual(['No path information available in media table', null]);
  expect((await undone(app, operation_id)).counts).toMatchObject({ done: 2 });
  expect(await areThere([hash])).toEqual([true]);
});

test('without Transmission nothing is approved; items are finished and deleted, and say that their torrents were left', async () => {
  for (const [config, why] of [
    [{}, 'REAR_DIFF_TRANSMISSION_HOST'],
    [{ ...daemon.environment, REAR_DIFF_TRANSMISSION_PORT: String(closedPort) }, 'cannot be reached'],
  ] as const) {
    const other = await startWith(config);
    const ids = await newItems(other, {}, {});
    const problemsOf = async (action: 'approve' | 'finish' | 'delete') => {
      const { operation_id } = await done(other, media(action, ids));
      return (await itemsOf(other, operation_id)).map(({ result, problem }) => [result, problem]);
    };
    const problems = expect.stringContaining(why);
    const { sample } = (await preview(other, media('approve', ids))).body;
    const isKnown = Object.keys(config).length === 0;
    expect(sample.map(({ result, problem }) => [result, problem])).toEqual(
      ids.map(() => (isKnown ? ['failed', problems] : ['pending', null])),
    );
    expect(await problemsOf('approve')).toEqual(ids.map(() => ['failed', problems]));
    expect(await statesOf(other, ids)).toEqual(['ingested', 'ingested']);
    expect(await problemsOf('finish')).toEqual(ids.map(() => ['done', problems]));
    expect(await problemsOf('delete')).toEqual(ids.map(() => ['done', problems]));
  }
});

test('a hanging daemon delays an operation by one timeout, not by one for each item', async () => {
  const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const port = String((silent.address() as AddressInfo).port);
  const hanging = await startWith({ ...daemon.environment, REAR_DIFF_TRANSMISSION_PORT: port }, 1_100);
  const ids = await newItems(hanging, ...Array.from({ length: 30 }, () => ({})));
  const { operation_id, counts } = await done(hanging, media('approve', ids));
  expect(counts).toMatchObject({ failed: 30 });
  const problems = (await itemsOf(hanging, operation_id)).map(({ problem }) => problem);
  expect(problems[0]).toMatch(/did not respond within 1\.1 s\. Check it\.$/);
  for (const problem of problems.slice(1)) expect(problem).toMatch(/Further calls are paused for a moment\.$/);
});
