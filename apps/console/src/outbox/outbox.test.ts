import type { FlagValues } from '@at/contracts/labels';
import { describe, expect, it } from 'vitest';
import {
  answeredTitles,
  createOutbox,
  type Entry,
  flagsAfter,
  type Message,
  type Moved,
  NotSent,
  type OutboxDeps,
  type Outcome,
} from './outbox.ts';

const seen: FlagValues = { label: null, human_labeled: false, anomalous: false, reviewed: false };

const answered: FlagValues = { label: 'would_watch', human_labeled: true, anomalous: false, reviewed: true };

const entry = (
  id: string,
  title: string,
  at: number,
  write: Entry['write'] = { kind: 'answer', label: 'would_watch' },
): Entry => ({
  id,
  at,
  imdb_id: title,
  name: title,
  write,
  version: 'v0',
  seen,
});

class MemoryStorage {
  readonly map = new Map<string, string>();
  full = false;
  get length() {
    return this.map.size;
  }
  key = (index: number) => [...this.map.keys()][index] ?? null;
  getItem = (key: string) => this.map.get(key) ?? null;
  setItem = (key: string, value: string) => {
    if (this.full) throw new DOMException('full', 'QuotaExceededError');
    this.map.set(key, value);
  };
  removeItem = (key: string) => void this.map.delete(key);
}

/** Runs pending promises. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Two or more tabs of one browser: one storage, one lock (or none), one channel, and an API that answers when the test says so. */
function createBrowser({ locks = true } = {}) {
  const storage = new MemoryStorage();
  const sent: {
    tab: string;
    id: string;
    version: string;
    eventId?: number | null;
    answer: (outcome: Outcome | Moved | Error) => Promise<void>;
  }[] = [];
  const timers: (() => void)[] = [];
  const listeners: { tab: string; receive: (message: Message) => void }[] = [];
  const waiting: { tab: string; begin: (alone: boolean) => void }[] = [];
  const openTab = (tab: string, view: OutboxDeps['storage'] = storage) => {
    const deps: OutboxDeps = {
      storage: view,
      send: ({ id, write }, version) =>
        new Promise((resolve, reject) => {
          const eventId = write.kind === 'undo' ? { eventId: write.eventId } : {};
          const answer = async (outcome: Outcome | Moved | Error) => {
            if (outcome instanceof Error) reject(outcome);
            else resolve(outcome);
            await settle();
          };
          sent.push({ tab, id, version, ...eventId, answer });
        }),
      lock: () =>
        new Promise((resolve) => {
          if (!locks) return resolve(false);
          waiting.push({ tab, begin: resolve });
          if (waiting[0]?.tab === tab) resolve(true);
        }),
      channel: {
        post: (message) => {
          for (const listener of listeners) if (listener.tab !== tab) listener.receive(structuredClone(message));
        },
        listen: (receive) => void listeners.push({ tab, receive }),
      },
      later: (_milliseconds, run) => void timers.push(run),
    };
    const outbox = createOutbox(deps);
    const received: [string, Outcome['kind']][] = [];
    outbox.onSettled(({ id }, { kind }) => received.push([id, kind]));
    return { ...outbox, received };
  };
  const closeTab = (tab: string) => {
    waiting.splice(0, waiting.length, ...waiting.filter((one) => one.tab !== tab));
    listeners.splice(0, listeners.length, ...listeners.filter((one) => one.tab !== tab));
    waiting[0]?.begin(true);
  };
  return { storage, sent, timers, openTab, closeTab };
}

const saved = (eventId: number | null, version: string): Outcome => ({ kind: 'saved', eventId, version });

describe('the outbox', () => {
  it('sends the writes of one title in order, each on the version of the previous one', async () => {
    const { openTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    tab.add({ ...entry('b', 'tt1', 2), seen: answered });
    tab.add(entry('c', 'tt2', 3));
    expect(sent.map(({ id }) => id)).toEqual(['a', 'c']);
    await sent[0]?.answer(saved(1, 'v1'));
    expect(sent.at(-1)).toMatchObject({ id: 'b', version: 'v1' });
  });

  it('sends a write based on an older state with the version that the user saw', async () => {
    const { openTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer(saved(1, 'v1'));
    tab.add(entry('b', 'tt1', 2));
    expect(sent.at(-1)).toMatchObject({ id: 'b', version: 'v0' });
  });

  it('receives a write before storage shows it, sends it once, and drops it when storage catches up', async () => {
    const { openTab, sent, storage } = createBrowser();
    // Tabs in other processes see a change of storage a moment late.
    const late = new MemoryStorage();
    const first = openTab('one', late);
    const second = openTab('two');
    await settle();
    second.add(entry('a', 'tt1', 1));
    expect(sent).toMatchObject([{ tab: 'one', id: 'a' }]);
    second.add(entry('b', 'tt2', 2));
    expect(sent.map(({ id }) => id)).toEqual(['a', 'b']);
    await sent[0]?.answer(saved(1, 'v1'));
    expect(second.received).toEqual([['a', 'saved']]);
    expect(storage.map.has('outbox.a')).toBe(false);
    late.map.set('outbox.a', JSON.stringify(entry('a', 'tt1', 1)));
    second.add(entry('c', 'tt3', 3));
    expect(sent.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(first.unsent.get().map(({ id }) => id)).toEqual(['b', 'c']);
    expect(late.map.has('outbox.a')).toBe(false);
  });

  it('keeps a write in storage until the API has it, so that a reload sends it', async () => {
    const { openTab, closeTab, sent, storage } = createBrowser();
    openTab('one').add(entry('a', 'tt1', 1));
    closeTab('one');
    const tab = openTab('two');
    await settle();
    expect(tab.unsent.get().map(({ id }) => id)).toEqual(['a']);
    const last = sent.at(-1);
    expect(last).toMatchObject({ tab: 'two', id: 'a' });
    await last?.answer(saved(1, 'v1'));
    expect(storage.length).toBe(0);
    expect(tab.unsent.get()).toEqual([]);
    expect(tab.received).toEqual([['a', 'saved']]);
  });

  it('lets one tab send for all, and reports the outcome to the tab that made the write', async () => {
    const { openTab, sent } = createBrowser();
    openTab('one');
    const second = openTab('two');
    await settle();
    second.add(entry('a', 'tt1', 1));
    expect(sent).toMatchObject([{ tab: 'one', id: 'a' }]);
    await sent[0]?.answer({ kind: 'refused', reason: 'no' });
    expect(second.received).toEqual([['a', 'refused']]);
    expect(second.unsent.get()).toEqual([]);
  });

  it('lets another tab send when the sending tab closes', async () => {
    const { openTab, closeTab, sent } = createBrowser();
    openTab('one');
    const second = openTab('two');
    await settle();
    closeTab('one');
    await settle();
    second.add(entry('a', 'tt1', 1));
    expect(sent).toMatchObject([{ tab: 'two', id: 'a' }]);
  });

  it('retries without a response, in order', async () => {
    const { openTab, sent, timers } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer(new NotSent('away'));
    tab.add(entry('b', 'tt1', 2));
    expect(sent).toHaveLength(1);
    expect(tab.unsent.get()).toHaveLength(2);
    timers.shift()?.();
    expect(sent.map(({ id }) => id)).toEqual(['a', 'a']);
    await sent[1]?.answer(saved(1, 'v1'));
    expect(sent.map(({ id }) => id)).toEqual(['a', 'a', 'b']);
  });

  it('sends at once on request instead of after the pause', async () => {
    const { openTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer(new NotSent('away'));
    tab.retry();
    expect(sent).toHaveLength(2);
  });

  it('withdraws only a write that was not sent', async () => {
    const { openTab, sent, storage } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    tab.add(entry('b', 'tt1', 2));
    expect(tab.cancel('a')).toBe(false);
    expect(tab.cancel('b')).toBe(true);
    await sent[0]?.answer(saved(1, 'v1'));
    expect(sent).toHaveLength(1);
    expect(storage.length).toBe(0);
  });

  it('does not withdraw a write that may have arrived, nor one from before a reload', async () => {
    const { openTab, closeTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer(new NotSent('away'));
    tab.add(entry('b', 'tt2', 2));
    expect(tab.cancel('a')).toBe(false);
    closeTab('one');
    const next = openTab('two');
    expect(next.cancel('a')).toBe(false);
    expect(next.cancel('b')).toBe(false);
    await settle();
    expect(sent.slice(1)).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  });

  it("resends a write on the title's new version, and gives up on a title that keeps changing", async () => {
    const { openTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer({ kind: 'moved', version: 'v1' });
    expect(sent.map(({ version }) => version)).toEqual(['v0', 'v1']);
    await sent[1]?.answer(saved(1, 'v2'));
    tab.add(entry('b', 'tt2', 2));
    for (let round = 0; round < 10; round += 1) await sent.at(-1)?.answer({ kind: 'moved', version: `v${round}` });
    expect(tab.received).toEqual([
      ['a', 'saved'],
      ['b', 'refused'],
    ]);
    expect(tab.unsent.get()).toEqual([]);
  });

  it('gives an undo the event of its write, also if that was in flight', async () => {
    const { openTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    const undo = entry('u', 'tt1', 2, { kind: 'undo', undoes: 'a', eventId: null, undone: seen });
    tab.add({ ...undo, seen: answered });
    await sent[0]?.answer(saved(41, 'v1'));
    expect(sent.at(-1)).toMatchObject({ id: 'u', eventId: 41, version: 'v1' });
  });

  it('drops an undo whose write was refused, was overtaken or changed nothing', async () => {
    for (const outcome of [
      { kind: 'refused', reason: 'no' },
      { kind: 'overtaken', by: 'x', now: seen, version: 'v9' },
      saved(null, 'v0'),
    ] as Outcome[]) {
      const { openTab, sent } = createBrowser();
      const tab = openTab('one');
      await settle();
      tab.add(entry('a', 'tt1', 1));
      tab.add(entry('u', 'tt1', 2, { kind: 'undo', undoes: 'a', eventId: null, undone: seen }));
      await sent[0]?.answer(outcome);
      expect(sent).toHaveLength(1);
      expect(tab.unsent.get()).toEqual([]);
    }
  });

  it('continues in memory if storage is full', async () => {
    const { openTab, sent, storage } = createBrowser();
    const tab = openTab('one');
    await settle();
    storage.full = true;
    tab.add(entry('a', 'tt1', 1));
    expect(tab.unsent.get()).toHaveLength(1);
    await sent[0]?.answer(saved(1, 'v1'));
    expect(tab.unsent.get()).toEqual([]);
  });

  it('sends a write that storage refused from its own tab, because no other can see it', async () => {
    const { openTab, sent, storage } = createBrowser();
    openTab('one');
    const second = openTab('two');
    await settle();
    storage.full = true;
    second.add(entry('a', 'tt1', 1));
    expect(sent).toMatchObject([{ tab: 'two', id: 'a' }]);
  });

  it('treats an unexpected error as a refusal instead of retrying forever', async () => {
    const { openTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer(new Error('broken'));
    expect(tab.received).toEqual([['a', 'refused']]);
  });

  it('removes only invalid entries from storage', async () => {
    const { openTab, storage } = createBrowser();
    openTab('one').add(entry('a', 'tt1', 1));
    for (const [id, text] of Object.entries({ x: '{cut', y: 'null', z: '{"id":"other"}' })) {
      storage.map.set(`outbox.${id}`, text);
    }
    const last = { ...entry('b', 'tt2', 2) };
    storage.map.set('outbox.b', JSON.stringify(last));
    expect(openTab('two').unsent.get()).toEqual([entry('a', 'tt1', 1), last]);
    expect([...storage.map.keys()]).toEqual(['outbox.a', 'outbox.b']);
  });
});

describe('the titles that unsent writes answer', () => {
  it('omit those with an undo, and anomalous marks', () => {
    const undo = entry('u', 'tt1', 2, { kind: 'undo', undoes: 'a', eventId: null, undone: seen });
    const mark = entry('m', 'tt3', 4, { kind: 'anomalous', value: true });
    const writes = [entry('a', 'tt1', 1), undo, entry('b', 'tt2', 3), mark];
    expect([...answeredTitles(writes)]).toEqual(['tt2']);
    expect([...answeredTitles([...writes, entry('c', 'tt1', 5)])]).toEqual(['tt2', 'tt1']);
  });

  it('a confirmed or changed label needs no review', () => {
    const confirm = entry('a', 'tt1', 1, { kind: 'confirm' });
    const relabel = entry('b', 'tt2', 2, { kind: 'relabel', label: 'would_not_watch' });
    expect([...answeredTitles([confirm, relabel])]).toEqual(['tt1', 'tt2']);
  });
});

describe('the flags after a write', () => {
  const labelled: FlagValues = { label: 'would_watch', human_labeled: false, anomalous: true, reviewed: null };

  it('a confirmation sets reviewed and nothing else', () => {
    expect(flagsAfter(labelled, { kind: 'confirm' })).toEqual({ ...labelled, reviewed: true });
  });

  it('another label is a decision of a person, and reviewed', () => {
    expect(flagsAfter(labelled, { kind: 'relabel', label: 'would_not_watch' })).toEqual({
      label: 'would_not_watch',
      human_labeled: true,
      anomalous: true,
      reviewed: true,
    });
  });
});

describe('without locks, where every tab sends', () => {
  it('a write that two tabs have sent is reported once in each', async () => {
    const { openTab, sent } = createBrowser({ locks: false });
    const [first, second] = [openTab('one'), openTab('two')];
    await settle();
    first.add(entry('a', 'tt1', 1));
    expect(sent.map(({ tab }) => tab).toSorted()).toEqual(['one', 'two']);
    await sent[0]?.answer(saved(1, 'v1'));
    await sent[1]?.answer({ kind: 'overtaken', by: 'me', now: answered, version: 'v1' });
    expect(first.received).toEqual([['a', 'saved']]);
    expect(second.received).toEqual([['a', 'saved']]);
  });

  it('a write whose undo another tab has sent is not sent again', async () => {
    const { openTab, sent } = createBrowser({ locks: false });
    const tab = openTab('one');
    openTab('two');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    const of = (name: string) => sent.filter((one) => one.tab === name);
    await of('one')[0]?.answer(saved(1, 'v1'));
    // The undo was sent too: the flags are those that the user saw.
    await of('two')[0]?.answer({ kind: 'moved', version: 'v2' });
    expect(of('two')).toHaveLength(1);
  });

  it('nothing is withdrawn, because another tab may have sent it', async () => {
    const { openTab } = createBrowser({ locks: false });
    const tab = openTab('one');
    await settle();
    for (const title of ['tt1', 'tt2', 'tt3', 'tt4', 'tt5']) tab.add(entry(title, title, 1));
    expect(tab.cancel('tt5')).toBe(false);
  });
});
