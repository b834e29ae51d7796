import type { Operation } from '@at/contracts/bulk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('location', new URL('http://console.test/'));
  vi.stubGlobal('addEventListener', () => {});
});

/** What was said. */
let messages: string[] = [];
vi.mock('#ui/notify.tsx', () => ({
  notify: (said: string) => void messages.push(said),
  notifyError: (said: string) => void messages.push(said),
}));

import { type Bulk, bulkShown, undoBulk } from './bulk-operation.ts';

const counts = { pending: 0, done: 4, unchanged: 0, conflict: 0, failed: 0, cancelled: 0 };
const operationOf = (operation_id: string, changes: Partial<Operation> = {}) =>
  ({ operation_id, subject: 'media', state: 'done', total: 4, counts, can_invert: true, ...changes }) as Operation;
const bulkOf = (operation_id: string, changes: Partial<Operation> = {}): Bulk => ({
  title: 'Re-ingest',
  verb: 'Re-ingest',
  warning: 'The words of errors do not come back.',
  operation: operationOf(operation_id, changes),
  sample: [],
  started: true,
  lost: null,
});

/** Whether the API runs what it is told to. */
let runs = true;
beforeEach(() => {
  messages = [];
  runs = true;
  const inverse = operationOf('inverse', { state: 'previewed', can_invert: false });
  vi.stubGlobal('fetch', async (address: string) => {
    if (address.endsWith('/inverse')) return Response.json({ operation: inverse, sample: [] }, { status: 201 });
    const refused = { status: 503, message: 'The database is away.', instance: 'r1' };
    return runs
      ? Response.json({ operation: { ...inverse, state: 'done' } }, { status: 202 })
      : Response.json(refused, { status: 503 });
  });
});
afterEach(() => {
  bulkShown.set(null);
  vi.unstubAllGlobals();
});

describe('taking a change of many back', () => {
  it('can be begun again under its own name when it could not be started', async () => {
    runs = false;
    const bulk = bulkOf('a');
    bulkShown.set(bulk);
    await undoBulk(bulk, () => {});
    const shown = bulkShown.get();
    expect(messages).toEqual(['Could not start the change']);
    expect(shown).toMatchObject({ verb: 'Undo', started: false, operation: { state: 'previewed' } });
    expect(shown?.warning).toBeUndefined();
  });

  it('leaves the preview of another change where it is, and a message says how it ended', async () => {
    const other = { ...bulkOf('b', { state: 'previewed' }), started: false };
    bulkShown.set(other);
    await undoBulk(bulkOf('a'), () => {});
    expect(bulkShown.get()).toBe(other);
    expect(messages).toEqual(['Re-ingest undone: 4 done']);
  });

  it('is followed by the dialog that the change was shown in', async () => {
    const bulk = bulkOf('a');
    bulkShown.set(bulk);
    await undoBulk(bulk, () => {});
    expect(bulkShown.get()?.operation).toMatchObject({ operation_id: 'inverse', state: 'done' });
    expect(messages).toEqual([]);
  });
});
