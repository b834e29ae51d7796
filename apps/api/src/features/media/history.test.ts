import type { MediaHistoryEntry } from '@at/contracts/media-history';
import type { Problem } from '@at/contracts/problem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertMedia, type MediaItem, sampleHash } from '#test/sample-media.ts';
import { insertTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

let made = 0;
async function newItem(item: MediaItem): Promise<string> {
  made += 1;
  const hash = sampleHash(made);
  await insertMedia(app.db, [{ hash, ...item }]);
  return hash;
}
const historyOf = async (hash: string) =>
  (await app.call<{ data: MediaHistoryEntry[] }>('GET', `/media/${hash}/history`)).body.data;
const headers = { 'x-actor': 'Anna' };
const pipeline = async (hash: string, pipeline_status: string) =>
  (
    await app.call<{ event_id: number }>('PATCH', `/media/${hash}/pipeline`, {
      body: { hash, pipeline_status },
      headers,
    })
  ).body.event_id;
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
const status = (from: string | null, to: string) => ({ field: 'pipeline_status', from, to });

test('the history of an item that nothing has changed is that it was added', async () => {
  const hash = await newItem({ created_at: '2025-01-01T00:00:00Z' });
  expect(await historyOf(hash)).toMatchObject([{ kind: 'added', at: '2025-01-01T00:00:00.000000Z', changes: [] }]);
  for (const created_at of ['infinity', '-infinity', '0044-03-15 12:00:00+00 BC']) {
    expect(await historyOf(await newItem({ created_at }))).toMatchObject([{ kind: 'added', at: null }]);
  }
  expect((await app.call<Problem>('GET', `/media/${sampleHash(999_999)}/history`)).status).toBe(404);
});

test('it holds actions and undos, labels, the prediction, what was removed, and what other programs did in between', async () => {
  const imdb_id = 'tt0000001';
  await insertTitles(app.db, [{ imdb_id, prediction: { probability: 0.25, created_at: '2025-03-01T00:00:00Z' } }]);
  const hash = await newItem({
    imdb_id,
    created_at: '2025-02-01T00:00:00Z',
    pipeline_status: 'rejected',
    rejection_status: 'rejected',
    rejection_reason: 'probability 0.25',
  });
  const first = await pipeline(hash, 'paused');
  const { event_id: undo } = (
    await app.call<{ event_id: number }>('POST', `/media/${hash}/undo`, { body: { event_id: first }, headers })
  ).body;
  await app.call('PATCH', `/training/${imdb_id}/would_not_watch`, { headers });
  await app.db.updateTable('atp.media').set({ error_status: true }).where('hash', '=', hash).execute();
  const second = await pipeline(hash, 'parsed');
  await app.db
    .insertInto('console.media_removal')
    .values({
      media_event_id: second,
      hash,
      links: ['magnet:?'],
      trashed: JSON.stringify([]),
      deleted: [],
    })
    .execute();
  await app.db.updateTable('atp.media').set({ pipeline_status: 'downloading' }).where('hash', '=', hash).execute();

  const by = { actor: 'Anna', at: time };
  expect(await historyOf(hash)).toMatchObject([
    { kind: 'outside', at: time, changes: [status('parsed', 'downloading')] },
    { kind: 'removed', at: time, torrents: 1, files: 0 },
    { kind: 'action', ...by, event_id: second, undone_by: null, changes: [status('rejected', 'parsed')] },
    { kind: 'outside', at: null, changes: [{ field: 'error_status', from: false, to: true }] },
    { kind: 'labelled', ...by, action: 'would_not_watch' },
    { kind: 'action', ...by, action: 'undo', event_id: undo, undoes: first },
    { kind: 'action', ...by, action: 'pipeline', event_id: first, undone_by: undo },
    {
      kind: 'found',
      at: null,
      changes: [
        status(null, 'rejected'),
        { field: 'rejection_status', from: null, to: 'rejected' },
        { field: 'rejection_reason', from: null, to: 'probability 0.25' },
      ],
    },
    { kind: 'predicted', at: '2025-03-01T00:00:00.000000Z', probability: 0.25 },
    { kind: 'added', at: '2025-02-01T00:00:00.000000Z' },
  ]);
});
