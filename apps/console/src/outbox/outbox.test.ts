import type { FlagValues } from '@at/contracts/labels';
import { describe, expect, it } from 'vitest';
import {
  answeredTitles,
  createOutbox,
  type Entry,
  flagsAfter,
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

/** Runs pending promises. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Tabs of one browser: one store, locks (or none), and an API that answers when the test says so. */
function createBrowser({ locks = true } = {}) {
  /** The stored entries, each with the tab that sends it. */
  const stored = new Map<string, { tab: string; entry: Entry }>();
  const sent: {
    tab: string;
    id: string;
    version: string;
    eventId?: number | null;
    answer: (outcome: Outcome | Moved | Error) => Promise<void>;
  }[] = [];
  const timers: (() => void)[] = [];
  const open = new Set<string>();
  const openTab = (tab: string, changes: Partial<OutboxDeps['store']> = {}) => {
    open.add(tab);
    let isFirst = true;
    const outbox = createOutbox({
      store: {
        put: (entry) => void stored.set(entry.id, structuredClone({ tab, entry })),
        remove: (id) => void stored.delete(id),
        has: async (id) => stored.has(id),
        takeOver: async () => {
          const taken = [...stored.values()].filter((one) => one.tab !== tab && (locks ? !open.has(one.tab) : isFirst));
          isFirst = false;
          for (const one of taken) stored.set(one.entry.id, { ...one, tab });
          return taken.map((one) => one.entry);
        },
        isExclusive: Promise.resolve(locks),
        ...changes,
      },
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
      later: (_milliseconds, run) => void timers.push(run),
    });
    const received: [string, Outcome['kind']][] = [];
    outbox.onSettled(({ id }, { kind }) => received.push([id, kind]));
    return { ...outbox, received };
  };
  return { stored, sent, timers, openTab, closeTab: (tab: string) => void open.delete(tab) };
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

  it('stores a write and sends it at once: neither it nor the page waits for the store', async () => {
    const { openTab, sent } = createBrowser();
    const never = new Promise<never>(() => {});
    const order: string[] = [];
    const store = { put: ({ id }: Entry) => void order.push(`put ${id}`), takeOver: () => never, isExclusive: never };
    const tab = openTab('one', store);
    tab.unsent.subscribe(() => order.push(`shown, ${sent.length} sent`));
    tab.add(entry('a', 'tt1', 1));
    expect(order).toEqual(['put a', 'shown, 0 sent']);
    expect(sent).toMatchObject([{ id: 'a' }]);
  });

  it('keeps a write in the store until the API has it, so that a reload sends it', async () => {
    const { openTab, closeTab, sent, stored } = createBrowser();
    openTab('one').add(entry('a', 'tt1', 1));
    closeTab('one');
    const tab = openTab('two');
    await settle();
    expect(tab.unsent.get().map(({ id }) => id)).toEqual(['a']);
    const last = sent.at(-1);
    expect(last).toMatchObject({ tab: 'two', id: 'a' });
    await last?.answer(saved(1, 'v1'));
    expect(stored.size).toBe(0);
    expect(tab.unsent.get()).toEqual([]);
    expect(tab.received).toEqual([['a', 'saved']]);
  });

  it('lets each tab send its own writes, and only that tab learns how they end', async () => {
    const { openTab, sent } = createBrowser();
    const [first, second] = [openTab('one'), openTab('two')];
    await settle();
    second.add(entry('a', 'tt1', 1));
    await first.takeOver();
    expect(sent).toMatchObject([{ tab: 'two', id: 'a' }]);
    await sent[0]?.answer({ kind: 'refused', reason: 'no' });
    expect(second.received).toEqual([['a', 'refused']]);
    expect(second.unsent.get()).toEqual([]);
    expect(first.received).toEqual([]);
  });

  it('sends the writes of a tab that has closed, once, with those that the tab had before', async () => {
    const { openTab, closeTab, sent, timers } = createBrowser();
    const [first, second, third] = [openTab('one'), openTab('two'), openTab('three')];
    await settle();
    second.add(entry('b', 'tt2', 2));
    second.add(entry('c', 'tt3', 3));
    first.add(entry('a', 'tt1', 1));
    await sent[2]?.answer(new NotSent('unreachable'));
    closeTab('two');
    await Promise.all([first.takeOver(), third.takeOver(), first.takeOver()]);
    expect(first.unsent.get().map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(third.unsent.get()).toEqual([]);
    timers.shift()?.();
    expect(sent.slice(3)).toMatchObject([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  });

  it('retries without a response, in order', async () => {
    const { openTab, sent, timers } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer(new NotSent('unreachable'));
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
    await sent[0]?.answer(new NotSent('unreachable'));
    tab.retry();
    expect(sent).toHaveLength(2);
  });

  it('withdraws only a write that was not sent', async () => {
    const { openTab, sent, stored } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    tab.add(entry('b', 'tt1', 2));
    expect(tab.cancel('a')).toBe(false);
    expect(tab.cancel('b')).toBe(true);
    await sent[0]?.answer(saved(1, 'v1'));
    expect(sent).toHaveLength(1);
    expect(stored.size).toBe(0);
  });

  it('does not withdraw a write that may have arrived, nor one from before a reload', async () => {
    const { openTab, closeTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer(new NotSent('unreachable'));
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

  it('treats an unexpected error as a refusal instead of retrying forever', async () => {
    const { openTab, sent } = createBrowser();
    const tab = openTab('one');
    await settle();
    tab.add(entry('a', 'tt1', 1));
    await sent[0]?.answer(new Error('broken'));
    expect(tab.received).toEqual([['a', 'refused']]);
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

describe('without locks, where a new tab sends what is stored', () => {
  async function openBoth() {
    const browser = createBrowser({ locks: false });
    const first = browser.openTab('one');
    first.add(entry('a', 'tt1', 1));
    const second = browser.openTab('two');
    await settle();
    return { ...browser, first, second };
  }

  it('a write that two tabs have sent ends once in each', async () => {
    const { first, second, sent } = await openBoth();
    expect(sent.map(({ tab }) => tab)).toEqual(['one', 'two']);
    await sent[0]?.answer(saved(1, 'v1'));
    await sent[1]?.answer(saved(1, 'v1'));
    expect(first.received).toEqual([['a', 'saved']]);
    expect(second.received).toEqual([['a', 'saved']]);
  });

  it('a write whose undo another tab has sent is not sent again', async () => {
    const { first, second, sent } = await openBoth();
    await sent[0]?.answer(saved(1, 'v1'));
    first.add({ ...entry('u', 'tt1', 2, { kind: 'undo', undoes: 'a', eventId: 1, undone: seen }), seen: answered });
    await sent.at(-1)?.answer(saved(2, 'v2'));
    // The flags are those that the user saw.
    await sent[1]?.answer({ kind: 'moved', version: 'v2' });
    expect(sent).toHaveLength(3);
    expect(second.received).toEqual([['a', 'saved']]);
  });

  it('nothing is withdrawn, because another tab may have sent it', async () => {
    const { first } = await openBoth();
    for (const title of ['tt2', 'tt3', 'tt4', 'tt5']) first.add(entry(title, title, 1));
    expect(first.cancel('tt5')).toBe(false);
  });
});
