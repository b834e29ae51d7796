import { existsSync } from 'node:fs';
import { type Daemon, magnetOf, randomHash, shareFile, startTransmission } from '@at/adapters/test/transmission-daemon';
import { openTransmission, type Transmission } from '@at/adapters/transmission';
import type { Operation } from '@at/contracts/bulk';
import type { MediaList, MediaRow, MediaState } from '@at/contracts/media';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { insertMedia, type MediaItem } from '#test/sample-media.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let daemon: Daemon;
let transmission: Transmission;
let app: TestApp;

beforeAll(async () => {
  daemon = await startTransmission();
  transmission = openTransmission(daemon.settings);
  app = await startTestApp({
    config: {
      ...daemon.environment,
      API_KEYS: 'ann:admin:secret-of-ann-1234,olaf:operator:secret-of-olaf-1234,vic:viewer:secret-of-vic-1234',
    },
  });
});
afterAll(async () => {
  await app.close();
  await daemon.stop();
});

const ann = { 'x-api-key': 'secret-of-ann-1234' };
const olaf = { 'x-api-key': 'secret-of-olaf-1234' };

/** An item of its own for each test. */
async function newItem(item: MediaItem = {}): Promise<string> {
  const hash = randomHash();
  await insertMedia(app.db, [{ hash, original_link: magnetOf(hash), ...item }]);
  return hash;
}

type Done = Problem & {
  event_id: number | null;
  restored: MediaState;
  torrent_removed: boolean;
  torrent_restored: boolean;
  not_restored: string[];
};
type Headers = Record<string, string>;
const act = async (hash: string, action: string, body: object = {}, headers: Headers = ann) =>
  (await app.call<Done>('PATCH', `/media/${hash}/${action}`, { body, headers })).body.event_id;
const pipeline = (hash: string, body: object) => act(hash, 'pipeline', { hash, ...body });
const undo = (hash: string, event_id: unknown, headers: Headers = ann) =>
  app.call<Done>('POST', `/media/${hash}/undo`, { body: { event_id }, headers });
const row = async (hash: string) => (await app.call<MediaRow>('GET', `/media/${hash}`, { headers: ann })).body;
const isThere = async (hash: string) => (await transmission.list([hash])).length > 0;
const stateOf = ({
  pipeline_status,
  error_status,
  error_condition,
  rejection_status,
  rejection_reason,
  deleted_at = null,
}: MediaRow): MediaState => ({
  pipeline_status,
  error_status,
  error_condition,
  rejection_status,
  rejection_reason,
  deleted_at,
});

const reingest = { pipeline_status: 'ingested', error_status: false, rejection_status: 'unfiltered' };
const failed: MediaItem = {
  pipeline_status: 'parsed',
  error_status: true,
  error_condition: 'no result within 30 s',
  rejection_status: 'rejected',
  rejection_reason: 'probability 0.2 below threshold 0.35',
};

describe('the undo of an action', () => {
  test.each([
    ['pipeline', reingest],
    ['finish', {}],
    ['soft_delete', {}],
    ['approve', {}],
  ])('%s restores everything that it overwrote, and says so', async (action, fields) => {
    const hash = await newItem(failed);
    const before = stateOf(await row(hash));
    const event = await act(hash, action, action === 'pipeline' ? { hash, ...fields } : {});
    expect(stateOf(await row(hash))).not.toEqual(before);
    const { status, body, headers } = await undo(hash, event);
    expect(status).toBe(200);
    const after = await row(hash);
    expect(stateOf(after)).toEqual(before);
    expect(body).toMatchObject({ success: true, hash, restored: before, event_id: expect.any(Number) });
    expect(headers.etag).toBe(`"${after.updated_at}"`);
    const events = await app.db
      .selectFrom('console.media_event')
      .select(['action', 'actor', 'undoes'])
      .where('event_id', '=', body.event_id as number)
      .execute();
    expect(events).toEqual([{ action: 'undo', actor: 'ann', undoes: event }]);
  });

  test('goes back one action after the other, each once', async () => {
    const hash = await newItem(failed);
    const first = await pipeline(hash, reingest);
    const second = await pipeline(hash, { pipeline_status: 'paused' });
    const early = await undo(hash, first);
    expect([early.status, early.body.latest_event_id]).toEqual([409, second]);
    expect((await undo(hash, second)).body.restored).toMatchObject(reingest);
    expect((await undo(hash, first)).body.restored).toMatchObject(failed);
    const again = await undo(hash, first);
    expect([again.status, again.body.latest_event_id]).toEqual([409, null]);
  });

  test('is refused if another program has changed the item since, and changes nothing', async () => {
    const hash = await newItem(failed);
    const event = await pipeline(hash, reingest);
    await app.db.updateTable('atp.media').set({ pipeline_status: 'parsed' }).where('hash', '=', hash).execute();
    const { status, body } = await undo(hash, event);
    expect([status, body.latest_event_id]).toEqual([409, null]);
    expect(body.message).toMatch(/Nothing was undone; see its history\.$/);
    expect(await row(hash)).toMatchObject({ pipeline_status: 'parsed', error_condition: null });
  });

  test('that repeats its Idempotency-Key gets the first reply, and with another version 412', async () => {
    const hash = await newItem(failed);
    const event = await pipeline(hash, reingest);
    expect((await undo(hash, event, { ...ann, 'if-match': '"2000-01-01T00:00:00.000000Z"' })).status).toBe(412);
    const key = { ...ann, 'idempotency-key': 'undo once' };
    const [first, second] = [await undo(hash, event, key), await undo(hash, event, key)];
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
  });

  test('of an action that changed nothing does not exist, nor of an unknown item', async () => {
    const hash = await newItem({ pipeline_status: 'parsed' });
    expect(await pipeline(hash, { pipeline_status: 'parsed' })).toBeNull();
    expect((await undo(hash, 1)).status).toBe(409);
    expect((await undo(randomHash(), 1)).status).toBe(404);
    expect((await undo(hash, 'one')).status).toBe(422);
  });

  test('is one for several at the same time', async () => {
    const hash = await newItem(failed);
    const event = await pipeline(hash, reingest);
    const replies = await Promise.all(Array.from({ length: 8 }, () => undo(hash, event)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(409)]);
  });

  test('needs an operator, and for a restore, which it deletes again, an admin', async () => {
    const hash = await newItem(failed);
    const event = await pipeline(hash, reingest);
    expect((await undo(hash, event, { 'x-api-key': 'secret-of-vic-1234' })).status).toBe(403);
    expect((await undo(hash, event, olaf)).status).toBe(200);
    await act(hash, 'soft_delete');
    const deleted = stateOf(await row(hash));
    const restored = await act(hash, 'restore', {}, olaf);
    expect((await undo(hash, restored, olaf)).status).toBe(403);
    expect((await undo(hash, restored)).body.restored).toEqual(deleted);
  });
});

describe('the torrent', () => {
  test('that an approval added is removed, one that was there stays', async () => {
    const hash = await newItem(failed);
    const event = await act(hash, 'approve');
    expect(await isThere(hash)).toBe(true);
    expect((await undo(hash, event)).body).toMatchObject({ torrent_removed: true, not_restored: [] });
    expect(await isThere(hash)).toBe(false);

    await transmission.add(magnetOf(hash));
    const second = await act(hash, 'approve');
    expect((await undo(hash, second)).body).toMatchObject({ torrent_removed: false });
    expect(await isThere(hash)).toBe(true);
  });

  test('that an approval added leaves what it has downloaded, unless an admin undoes it', async () => {
    // Its file lies in the downloads, so that it is complete at once.
    const approved = async (name: string) => {
      const { file, link, hash, close } = await shareFile(daemon, name);
      onTestFinished(close);
      await insertMedia(app.db, [{ hash, original_link: link, ...failed }]);
      const event = await act(hash, 'approve', {}, olaf);
      await expect.poll(() => transmission.finished([hash])).toEqual([hash]);
      return { file, hash, event };
    };
    const kept = await approved('kept.mkv');
    expect((await undo(kept.hash, kept.event, olaf)).body).toMatchObject({
      torrent_removed: true,
      not_restored: ['What the torrent has downloaded stays on the disk, because only an admin deletes it.'],
    });
    expect([await isThere(kept.hash), existsSync(kept.file)]).toEqual([false, true]);
    const gone = await approved('gone.mkv');
    expect((await undo(gone.hash, gone.event)).body).toMatchObject({ torrent_removed: true, not_restored: [] });
    await expect.poll(() => existsSync(gone.file)).toBe(false);
  });

  test('that finish removed is added again, and that of a deletion is said to be lost', async () => {
    const hash = await newItem({ pipeline_status: 'downloaded' });
    await transmission.add(magnetOf(hash));
    const finished = await act(hash, 'finish');
    expect(await isThere(hash)).toBe(false);
    expect((await undo(hash, finished)).body).toMatchObject({ torrent_restored: true, not_restored: [] });
    expect(await isThere(hash)).toBe(true);
    const deleted = await act(hash, 'soft_delete');
    expect((await undo(hash, deleted)).body).toMatchObject({
      torrent_restored: false,
      not_restored: ['The torrent and its data are not restored; approve the item to download it again.'],
    });
    expect(await isThere(hash)).toBe(false);
  });
});

test('a torrent that came back with a restored item goes with it again', async () => {
  const hash = await newItem({ deleted_at: '2025-07-01T00:00:00Z' });
  await transmission.add(magnetOf(hash));
  const restored = await act(hash, 'restore');
  expect(await isThere(hash)).toBe(true);
  expect((await undo(hash, restored)).body).toMatchObject({ torrent_removed: true });
  expect(await isThere(hash)).toBe(false);
});

describe('a bulk change', () => {
  const post = (path: string, body: object = {}) =>
    app.call<{ operation: Operation }>('POST', path, { body, headers: ann });
  async function run({ body }: Awaited<ReturnType<typeof post>>): Promise<string> {
    const { operation_id } = body.operation;
    await post(`/operations/${operation_id}/run`);
    const state = async () =>
      (await app.call<Operation>('GET', `/operations/${operation_id}`, { headers: ann })).body.state;
    await expect.poll(state).toBe('done');
    return operation_id;
  }
  const bulk = async (action: string, ids: string[]) =>
    run(await post('/operations', { subject: 'media', action, ids }));
  const latestOf = async (hash: string) =>
    (
      await app.db
        .selectFrom('console.media_event')
        .select('event_id')
        .where('hash', '=', hash)
        .orderBy('event_id', 'desc')
        .executeTakeFirstOrThrow()
    ).event_id;

  test('can be undone for one of its items, with the torrent that it added', async () => {
    const hash = await newItem(failed);
    await bulk('approve', [hash]);
    expect(await isThere(hash)).toBe(true);
    const { body } = await undo(hash, await latestOf(hash));
    expect(body).toMatchObject({ restored: failed, torrent_removed: true });
    expect(await isThere(hash)).toBe(false);
  });

  test('that was undone as a whole leaves nothing to undo', async () => {
    const hash = await newItem(failed);
    const operation = await bulk('reingest', [hash]);
    const event = await latestOf(hash);
    await run(await post(`/operations/${operation}/inverse`));
    const { status, body } = await undo(hash, event);
    expect([status, body.latest_event_id]).toEqual([409, null]);
  });
});

test('changed_at_min leaves out what was undone, as often as it was, but not what had changed before', async () => {
  const marker = 'Since midnight';
  const at = (time: string) => ({ ...failed, media_title: marker, updated_at: time });
  const [old, today] = [await newItem(at('2020-02-02T02:02:02Z')), await newItem(at('2020-03-03T03:03:03Z'))];
  const found = async (name: string) => {
    const path = `/media/?${name}=2020-03-01T00:00:00Z&media_title=${encodeURIComponent(marker)}`;
    const { data } = (await app.call<MediaList>('GET', path, { headers: ann })).body;
    return data.map(({ hash }) => hash).toSorted();
  };
  expect(await found('changed_at_min')).toEqual([today]);
  for (const hash of [old, today, old]) {
    const event = await pipeline(hash, reingest);
    expect(await found('changed_at_min')).toEqual([...new Set([hash, today])].toSorted());
    await undo(hash, event);
    expect(await found('changed_at_min')).toEqual([today]);
  }
  expect(await found('updated_at_min')).toEqual([old, today].toSorted());
  await app.db.updateTable('atp.media').set({ uploader: 'another' }).where('hash', '=', old).execute();
  expect(await found('changed_at_min')).toEqual([old, today].toSorted());
});
