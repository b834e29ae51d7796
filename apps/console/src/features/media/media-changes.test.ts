import type { MediaRow } from '@at/contracts/media';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('location', new URL('http://console.test/'));
  vi.stubGlobal('addEventListener', () => {});
});

/** The messages with their Undo, and the ones that were closed. */
let messages: { said: string; undo?: () => void }[] = [];
let closed: string[] = [];
vi.mock('#ui/notify.tsx', () => ({
  notify: (said: string, undo?: () => void) => {
    messages.push(undo ? { said, undo } : { said });
    return () => void closed.push(said);
  },
  notifyError: (said: string) => void messages.push({ said }),
}));

import { act, changePipeline, undoLatest } from './media-changes.ts';

/** The item in the API; a write waits until the test accepts or refuses it. */
let item: MediaRow;
/** What it was before each event. */
let before: MediaRow[] = [];
let writes: { body: unknown; answer: (status: 200 | 500) => void }[] = [];

beforeEach(() => {
  messages = [];
  closed = [];
  before = [];
  writes = [];
  item = {
    hash: 'aa',
    media_title: 'Stuck',
    pipeline_status: 'parsed',
    error_status: true,
    rejection_status: 'override',
    updated_at: '1',
  } as MediaRow;
  vi.stubGlobal('fetch', async (_address: string, { method, body }: { method: string; body: string | null }) => {
    if (method === 'GET') return Response.json(item);
    const status = await new Promise<number>((answer) => writes.push({ body: JSON.parse(body ?? '{}'), answer }));
    if (status !== 200) return Response.json({ status, message: 'The disk is full.', instance: 'r1' }, { status });
    const { event_id: undone, ...fields } = JSON.parse(body ?? '{}');
    const updated_at = `${Number(item.updated_at) + 1}`;
    const changed = undone === undefined ? { ...item, ...fields } : before[undone];
    before.push(item);
    item = { ...changed, updated_at };
    return Response.json({ ...item, event_id: before.length - 1, not_restored: [] });
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Answers the next write. */
async function answer(status: 200 | 500): Promise<void> {
  await expect.poll(() => writes).not.toHaveLength(0);
  writes.shift()?.answer(status);
}

const said = (index: number, words: string) => expect.poll(() => messages[index]?.said).toContain(words);

it('Undo waits for the change in flight, and undoes the earlier one if that was refused', async () => {
  act('reingest', item);
  await answer(200);
  await said(0, 'back at the start');
  void changePipeline(item, { pipeline_status: 'paused' });
  messages[0]?.undo?.();
  await answer(500);
  await said(1, 'Change failed');
  await answer(200);
  await said(2, 'undone');
  expect(item).toMatchObject({ pipeline_status: 'parsed', error_status: true, rejection_status: 'override' });
});

it('Undo reports that it came too late if the item was changed again, and that change keeps its own', async () => {
  act('reingest', item);
  await answer(200);
  await said(0, 'back at the start');
  void changePipeline(item, { pipeline_status: 'paused' });
  messages[0]?.undo?.();
  await answer(200);
  await said(1, ': ingested → paused.');
  await said(2, 'not undone because it has changed since');
  expect(item.pipeline_status).toBe('paused');
  messages[1]?.undo?.();
  await answer(200);
  await expect.poll(() => item.pipeline_status).toBe('ingested');
});

it('a change of an item with a write in flight is refused with a message', async () => {
  act('reingest', item);
  act('delete', item);
  await said(0, 'Delete not done because an earlier change is still being saved');
  await answer(200);
  await said(1, 'back at the start');
  expect(writes).toEqual([]);
});

it('a change that was undone by its key has no live Undo left, nor has one that was changed again', async () => {
  act('reingest', item);
  await answer(200);
  await said(0, 'back at the start');
  // Changes of the tests before.
  closed = [];
  void undoLatest();
  await answer(200);
  await said(1, 'undone: Pipeline status: ingested → parsed');
  expect(closed).toEqual([messages[0]?.said]);

  act('reingest', item);
  await answer(200);
  await said(2, 'back at the start');
  void changePipeline(item, { pipeline_status: 'paused' });
  await answer(200);
  await said(3, 'ingested → paused');
  expect(closed).toEqual([messages[0]?.said, messages[2]?.said]);
});
