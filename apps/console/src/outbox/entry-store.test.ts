import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Entry } from './outbox.ts';

const entry = (id: string): Entry => ({
  id,
  at: 1,
  imdb_id: 'tt1',
  name: 'tt1',
  write: { kind: 'answer', label: 'would_watch' },
  version: 'v0',
  seen: { label: null, human_labeled: false, anomalous: false, reviewed: false },
});

/** localStorage, as earlier versions left it. */
const earlier: Record<string, string> = {};
let { countEntries, openEntryStore } = await import('./entry-store.ts');

beforeEach(async () => {
  // A lock that is released comes, however late.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => new AbortController().signal);
  vi.stubGlobal('indexedDB', new IDBFactory());
  for (const key of Object.keys(earlier)) delete earlier[key];
  const storage = Object.create({
    getItem: (key: string) => earlier[key] ?? null,
    removeItem: (key: string) => delete earlier[key],
  });
  vi.stubGlobal('localStorage', new Proxy(storage, { ownKeys: () => Object.keys(earlier), getOwnPropertyDescriptor }));
  vi.resetModules();
  ({ countEntries, openEntryStore } = await import('./entry-store.ts'));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function getOwnPropertyDescriptor() {
  return { enumerable: true, configurable: true };
}

type Run = () => unknown;

let tabs = 0;

/** A tab with real locks, which it loses when it closes. */
function openTab() {
  tabs += 1;
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const request = (name: string, ...rest: [Run] | [LockOptions, Run]) => {
    const run = rest.pop() as Run;
    const [options = {}] = rest as LockOptions[];
    return navigator.locks.request(name, options, () => Promise.race([run(), closed]));
  };
  return { ...openEntryStore(`tab ${tabs}`, { request } as LockManager), close };
}

const ids = (entries: Entry[]) => entries.map(({ id }) => id);

describe('an entry', () => {
  it('is stored once a strict transaction is complete', async () => {
    const { put, close } = openTab();
    await countEntries();
    const order: unknown[] = [];
    const { transaction } = IDBDatabase.prototype;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...values) {
      const begun = transaction.apply(this, values);
      begun.addEventListener('complete', () => order.push(values));
      return begun;
    });
    await put(entry('a'));
    order.push('stored');
    expect(order).toEqual([['entries', 'readwrite', { durability: 'strict' }], 'stored']);
    expect(await countEntries()).toBe(1);
    close();
  });

  it('is stored until it is removed, also when it is removed at once', async () => {
    const { put, has, remove, close } = openTab();
    await put(entry('a'));
    expect(await has('a')).toBe(true);
    await Promise.all([put(entry('b')), remove('a'), remove('b')]);
    expect([await has('a'), await has('b'), await countEntries()]).toEqual([false, false, 0]);
    close();
  });

  it('is rejected where the browser refuses storage; one in localStorage stays there until it is sent', async () => {
    vi.stubGlobal('indexedDB', {
      open: () => {
        throw new DOMException('Refused', 'SecurityError');
      },
    });
    earlier['outbox.e'] = JSON.stringify(entry('e'));
    const { put, takeOver, remove, close } = openTab();
    await expect(put(entry('a'))).rejects.toThrow('Refused');
    // In memory from now on, and in localStorage until it is sent.
    expect(ids(await takeOver())).toEqual(['e']);
    expect(Object.keys(earlier)).toEqual(['outbox.e']);
    await remove('e');
    expect([await countEntries(), Object.keys(earlier)]).toEqual([0, []]);
    close();
  });
});

describe('the entries of another tab', () => {
  it('stay with it while it is open; when it closes, one other tab takes them over', async () => {
    const [one, two, three] = [openTab(), openTab(), openTab()];
    await one.put(entry('a'));
    await one.put(entry('b'));
    vi.mocked(AbortSignal.timeout).mockReturnValueOnce(AbortSignal.abort());
    expect(await two.takeOver()).toEqual([]);
    one.close();
    const taken = await Promise.all([two.takeOver(), three.takeOver()]);
    expect(taken.map(ids).toSorted((left, right) => right.length - left.length)).toEqual([['a', 'b'], []]);
    await two.put(entry('c'));
    expect(await two.takeOver()).toEqual([]);
    two.close();
    three.close();
    const four = openTab();
    expect(ids(await four.takeOver())).toEqual(['a', 'b', 'c']);
    four.close();
  });

  it('are taken over by a reloaded page, although the old page releases its lock a moment late', async () => {
    const old = openTab();
    await old.put(entry('a'));
    const next = openTab();
    const taken = next.takeOver();
    setTimeout(old.close, 20);
    expect(ids(await taken)).toEqual(['a']);
    next.close();
  });

  it('are all taken over without locks, once', async () => {
    const one = openEntryStore('one', undefined);
    await one.put(entry('a'));
    const two = openEntryStore('two', undefined);
    expect(ids(await two.takeOver())).toEqual(['a']);
    expect(await one.isExclusive).toBe(false);
    await one.put(entry('b'));
    expect(await two.takeOver()).toEqual([]);
  });
});

it('a console below a path leaves those of the console at the root alone', async () => {
  earlier['outbox.a'] = JSON.stringify(entry('a'));
  vi.doMock('#state/base-path.ts', () => ({ basePath: '/at/', nameHere: (name: string) => `${name} /at/` }));
  vi.resetModules();
  ({ countEntries, openEntryStore } = await import('./entry-store.ts'));
  vi.doUnmock('#state/base-path.ts');
  const below = openTab();
  expect([await countEntries(), await below.takeOver()]).toEqual([0, []]);
  expect(Object.keys(earlier)).toEqual(['outbox.a']);
  below.close();
});

it('entries that earlier versions left in localStorage are taken over, and other text is removed', async () => {
  earlier['outbox.a'] = JSON.stringify(entry('a'));
  for (const [id, text] of Object.entries({ x: '{cut', y: 'null', z: '{"id":"other"}' }))
    earlier[`outbox.${id}`] = text;
  earlier.theme = 'dark';
  expect(await countEntries()).toBe(1);
  const one = openTab();
  expect(await one.takeOver()).toEqual([entry('a')]);
  expect(Object.keys(earlier)).toEqual(['theme']);
  expect(await countEntries()).toBe(1);
  one.close();
  const two = openTab();
  expect(await two.takeOver()).toEqual([entry('a')]);
  two.close();
});
