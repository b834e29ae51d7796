import type { Operation } from '@at/contracts/bulk';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('location', new URL('http://console.test/'));
  vi.stubGlobal('addEventListener', () => {});
});

let messages: string[] = [];
vi.mock('#live/live-events.ts', () => ({ onLive: () => () => {} }));
vi.mock('#ui/notify.tsx', () => ({
  notify: (message: string) => void messages.push(message),
  notifyError: (message: string) => void messages.push(message),
}));

import { type Bulk, bulkShown, runBulk, undoBulk } from './bulk-operation.ts';

const counts = { pending: 0, done: 4, unchanged: 0, conflict: 0, failed: 0, cancelled: 0 };
const operationOf = (operation_id: string, changes: Partial<Operation> = {}) =>
  ({ operation_id, subject: 'media', state: 'done', total: 4, counts, can_invert: true, ...changes }) as Operation;
const bulkOf = (operation_id: string, changes: Partial<Operation> = {}): Bulk => ({
  title: 'Re-ingest',
  verb: 'Re-ingest',
  warning: 'Error messages are not restored.',
  operation: operationOf(operation_id, changes),
  sample: [],
  started: true,
  lost: null,
});

/** Whether the API runs the operation. */
let runs = true;
beforeEach(() => {
  messages = [];
  runs = true;
  const inverse = operationOf('inverse', { state: 'previewed', can_invert: false });
  vi.stubGlobal('fetch', async (address: string) => {
    if (address.endsWith('/inverse')) return Response.json({ operation: inverse, sample: [] }, { status: 201 });
    const refused = { status: 503, message: 'The database is down.', instance: 'r1' };
    return runs
      ? Response.json({ operation: { ...inverse, state: 'done' } }, { status: 202 })
      : Response.json(refused, { status: 503 });
  });
});
afterEach(() => {
  bulkShown.set(null);
  vi.unstubAllGlobals();
});

describe('a start without an answer', () => {
  /** Starts a change whose request gets no response; `states` are those that the API returns afterwards, in order. */
  async function startUnanswered(states: Operation['state'][]) {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const store = new Map<string, string>();
    vi.stubGlobal('sessionStorage', {
      setItem: (name: string, value: string) => store.set(name, value),
      removeItem: (name: string) => store.delete(name),
    });
    vi.stubGlobal('fetch', async (address: string) => {
      if (address.endsWith('/run')) throw new TypeError('Failed to fetch');
      return Response.json(operationOf('a', { state: states.shift() as Operation['state'] }));
    });
    const bulk = { ...bulkOf('a', { state: 'previewed' }), started: false };
    bulkShown.set(bulk);
    const isDone = runBulk(bulk, () => {});
    await vi.advanceTimersByTimeAsync(0);
    // What a reload at this moment would find.
    const kept = store.size;
    expect(bulkShown.get()).toMatchObject({ started: true, lost: 'The API cannot be reached.' });
    await vi.runAllTimersAsync();
    await isDone;
    return { kept, left: store.size };
  }

  it('is followed to its end if it arrived', async () => {
    expect(await startUnanswered(['running', 'done'])).toEqual({ kept: 1, left: 0 });
    expect(bulkShown.get()).toMatchObject({ started: true, lost: null, operation: { state: 'done' } });
    expect(messages).toEqual([]);
  });

  it('is reported, and can be made again, if it did not arrive', async () => {
    expect(await startUnanswered(['previewed'])).toEqual({ kept: 1, left: 0 });
    expect(bulkShown.get()).toMatchObject({ started: false, operation: { state: 'previewed' } });
    expect(messages).toEqual(['Could not start the change']);
  });
});

describe('undoing a bulk change', () => {
  it('can be started again under its own name after a failed start', async () => {
    runs = false;
    const bulk = bulkOf('a');
    bulkShown.set(bulk);
    await undoBulk(bulk, () => {});
    const shown = bulkShown.get();
    expect(messages).toEqual(['Could not start the change']);
    expect(shown).toMatchObject({ verb: 'Undo', started: false, operation: { state: 'previewed' } });
    expect(shown?.warning).toBeUndefined();
  });

  it('keeps the preview of another change, and a message reports the result', async () => {
    const other = { ...bulkOf('b', { state: 'previewed' }), started: false };
    bulkShown.set(other);
    await undoBulk(bulkOf('a'), () => {});
    expect(bulkShown.get()).toBe(other);
    expect(messages).toEqual(['Re-ingest undone: 4 restored']);
  });

  it('is shown in the dialog of the change', async () => {
    const bulk = bulkOf('a');
    bulkShown.set(bulk);
    await undoBulk(bulk, () => {});
    expect(bulkShown.get()?.operation).toMatchObject({ operation_id: 'inverse', state: 'done' });
    expect(messages).toEqual([]);
  });

  it('is kept under a name of its own by a console below a path', async () => {
    const names = new Set<string>();
    const removeItem = () => {};
    vi.stubGlobal('location', new URL('http://console.test/at/'));
    vi.stubGlobal('addEventListener', removeItem);
    vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: (name: string) => names.add(name), removeItem });
    vi.doMock('#state/base-path.ts', () => ({ basePath: '/at/', nameHere: (name: string) => `${name} /at/` }));
    vi.resetModules();
    const below = await import('./bulk-operation.ts');
    vi.doUnmock('#state/base-path.ts');
    await below.undoBulk(bulkOf('a'), () => {});
    expect([...names]).toEqual(['bulk /at/']);
  });
});
