import type { TrainingRow } from '@at/contracts/training';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://console.test/')));

let messages: string[] = [];
vi.mock('#ui/notify.tsx', () => ({
  notify: (message: string) => void messages.push(message),
  notifyError: (title: string, reason: string) => void messages.push(`${title} ${reason}`),
}));

import type { Entry, Outcome, Write } from '#outbox/outbox.ts';
import { createStore } from '#state/store.ts';
import { createFollower } from './review-live.ts';
import { createReviewSession, type ReviewDeps } from './review-session.ts';
import { trainingView } from './view.ts';

beforeEach(() => {
  messages = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const view = trainingView.read(new URLSearchParams());
const idOf = (index: number) => `tt${index}`;
const row = (imdb_id: string) =>
  ({ imdb_id, media_title: imdb_id, updated_at: 'v1', label: null, reviewed: false, anomalous: false }) as TrainingRow;

/** A tab with an API of this many titles; `newer` is a title's latest state there. */
function openTab(count: number, newer: Record<string, Partial<TrainingRow>> = {}) {
  const titles = Array.from({ length: count }, (_, index) => row(idOf(index)));
  const named: number[] = [];
  vi.stubGlobal('fetch', async (address: string) => {
    const { pathname, searchParams } = new URL(address);
    const now = (imdb_id: string) => ({ ...row(imdb_id), updated_at: 'v2', ...newer[imdb_id] });
    const ids = searchParams.get('imdb_id')?.split(',');
    if (ids) {
      named.push(ids.length);
      return Response.json({ data: ids.map(now), pagination: { next_cursor: null } });
    }
    if (!pathname.endsWith('/training')) return Response.json(now(pathname.split('/').at(-1) as string));
    return Response.json({ data: titles, pagination: { next_cursor: null, total: titles.length } });
  });
  const kept = new Map<string, string>();
  const unsent = createStore<Entry[]>([]);
  const withdrawn: { id: string; write: Write; eventId: unknown }[] = [];
  /** A write of another tab. */
  const other: Entry = {
    id: 'other',
    at: 0,
    imdb_id: 'tt0',
    name: 'tt0',
    write: { kind: 'answer', label: 'would_watch' },
    version: 'v1',
    seen: { label: null, human_labeled: false, anomalous: false, reviewed: false },
  };
  const entries = new Map([[other.id, other]]);
  let settle = (_entry: Entry, _outcome: Outcome) => {};
  let leave = () => {};
  let visible = 0;
  let ids = 0;
  const urls: (string | null)[] = [];
  const nextWriteId = () => `w${++ids}`;
  const deps: ReviewDeps = {
    outbox: {
      unsent,
      onSettled: (listener) => {
        settle = listener;
      },
      nextWriteId,
      submit: (title, write) => {
        const { imdb_id, updated_at: version } = title;
        const seen = { label: title.label, human_labeled: false, anomalous: false, reviewed: false };
        const entry: Entry = { id: nextWriteId(), at: 0, imdb_id, name: imdb_id, write, version, seen };
        entries.set(entry.id, entry);
        unsent.set((before) => [...before, entry]);
        return entry.id;
      },
      withdraw: (_title, id, write, eventId) => void withdrawn.push({ id, write, eventId }),
      isOwn: (id) => id !== other.id,
      isRowWrite: () => false,
    },
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    onLeave: (run) => {
      leave = run;
    },
    visibleFor: () => visible,
    isBlind: () => false,
    nameTitleInUrl: (imdbId) => void urls.push(imdbId),
    recordTotal: () => {},
  };
  /** The modules of a page, from its load to the next. */
  const load = () => {
    const open = createReviewSession(deps);
    return (title: string | null = null) => open(view, title, new AbortController().signal);
  };
  const start = (title: string | null = null) => load()(title);
  return {
    load,
    start,
    urls,
    named,
    withdrawn,
    /** The undo of a write that is in flight waits behind it. */
    queueUndo: (id: string) => {
      const entry = entries.get(id) as Entry;
      const write = { kind: 'undo', undoes: id, undone: entry.seen } as unknown as Entry['write'];
      unsent.set((before) => [...before, { ...entry, id: `undo of ${id}`, write }]);
    },
    leave: () => leave(),
    /** Another user labels the title, so that the list no longer has it. */
    label: (id: string) =>
      void titles.splice(
        titles.findIndex(({ imdb_id }) => imdb_id === id),
        1,
      ),
    look: (milliseconds: number) => {
      visible += milliseconds;
    },
    settle: (id: string, outcome: Outcome) => {
      unsent.set((before) => before.filter((entry) => entry.id !== id));
      settle(entries.get(id) as Entry, outcome);
    },
  };
}

const ids = (rows: readonly TrainingRow[]) => rows.map(({ imdb_id }) => imdb_id);

describe('a review session', () => {
  it('shows the next title at once, names it in the URL, and undoes an answer by its event', async () => {
    const { start, urls, settle, withdrawn, look } = openTab(3);
    const session = await start();
    const leave = session.show();
    look(1_000);
    session.answer('would_watch');
    expect(ids(session.queue.get().upcoming)).toEqual(['tt1', 'tt2']);
    expect(urls).toEqual(['tt1']);
    settle('w1', { kind: 'saved', eventId: 7, version: 'v2' });
    session.undo();
    expect(ids(session.queue.get().upcoming)).toEqual(['tt0', 'tt1', 'tt2']);
    expect(withdrawn).toEqual([{ id: 'w1', write: { kind: 'answer', label: 'would_watch' }, eventId: 7 }]);
    leave();
    session.skip();
    expect(urls).toEqual(['tt1', 'tt0']);
  });

  it('shows an undone title as it was before, also when its answer is saved after the undo', async () => {
    const { start, settle, look, queueUndo } = openTab(3);
    const session = await start();
    session.show();
    look(1_000);
    session.answer('would_not_watch');
    session.undo();
    queueUndo('w1');
    settle('w1', { kind: 'saved', eventId: 7, version: 'v2' });
    expect(session.queue.get().upcoming[0]).toMatchObject({ imdb_id: 'tt0', label: null, updated_at: 'v2' });
  });

  it('brings back a refused title with the reason, and ignores a key meant for the previous title', async () => {
    const { start, settle, look } = openTab(3);
    const session = await start();
    session.show();
    look(1_000);
    session.answer('would_watch');
    settle('w1', { kind: 'refused', reason: 'The disk is full.' });
    expect(session.queue.get().returned).toMatchObject({ imdb_id: 'tt0', reason: 'The disk is full.' });
    // The card gives the reason.
    expect(messages).toEqual([]);
    look(399);
    session.answer('would_watch');
    expect(session.queue.get().upcoming[0]?.imdb_id).toBe('tt0');
    look(1);
    session.answer('would_watch');
    expect(session.queue.get().upcoming[0]?.imdb_id).toBe('tt1');
  });

  it('reports a refused answer by a message when its card is not on screen', async () => {
    const { start, settle, look } = openTab(3);
    const session = await start();
    session.show()();
    look(1_000);
    session.answer('would_watch');
    settle('w1', { kind: 'refused', reason: 'The disk is full.' });
    expect(messages).toEqual([expect.stringContaining('The disk is full.')]);
  });

  it('continues after a reload with its steps and without titles whose answer is unsent', async () => {
    const { start, leave, look } = openTab(3);
    const before = await start();
    look(1_000);
    before.answer('would_watch');
    leave();
    const session = await start();
    expect(session.queue.get().steps).toMatchObject([{ kind: 'answer', id: 'w1' }]);
    expect(ids(session.queue.get().upcoming)).toEqual(['tt1', 'tt2']);
  });

  it('keeps the outcome of an answer from before a reload with the stored steps', async () => {
    const { start, leave, look, settle } = openTab(3);
    const before = await start();
    look(1_000);
    before.answer('would_watch');
    leave();
    // The page has not opened the review again.
    const reopen = start();
    settle('w1', { kind: 'saved', eventId: 9, version: 'v2' });
    const session = await reopen;
    expect(session.queue.get().steps).toMatchObject([{ id: 'w1', eventId: 9 }]);
  });

  it("shows another tab's decision when the event reports it, and accepts a key for the next title at once", async () => {
    const { start, settle, look } = openTab(3, { tt0: { label: 'would_watch' } });
    const session = await start();
    session.show();
    const before = session.queue.get().upcoming;
    settle('other', { kind: 'saved', eventId: 3, version: 'v2' });
    expect(session.queue.get().upcoming).toEqual(before);
    look(1_000);
    createFollower(session).report(['tt0'], 'me');
    await vi.advanceTimersByTimeAsync(200);
    expect(session.queue.get().upcoming[0]).toMatchObject({ imdb_id: 'tt0', label: 'would_watch' });
    session.answer('would_not_watch');
    expect(session.queue.get().upcoming[0]?.imdb_id).toBe('tt0');
    session.skip();
    session.answer('would_not_watch');
    expect(session.queue.get().upcoming[0]?.imdb_id).toBe('tt2');
  });

  it('looks again for added titles when its last one is answered while a search for more is in flight', async () => {
    const { start, look } = openTab(1);
    const session = await start();
    const replies: ((titles: TrainingRow[]) => void)[] = [];
    const fetch = () =>
      new Promise<Response>((resolve) => {
        replies.push((data) => resolve(Response.json({ data, pagination: { next_cursor: null } })));
      });
    vi.stubGlobal('fetch', fetch);
    session.skip();
    await vi.advanceTimersByTimeAsync(0);
    session.revisit();
    look(1_000);
    session.answer('would_watch');
    expect(replies).toHaveLength(1);
    replies[0]?.([]);
    await vi.advanceTimersByTimeAsync(0);
    replies[1]?.([row('tt9')]);
    await vi.advanceTimersByTimeAsync(0);
    expect(ids(session.queue.get().upcoming)).toEqual(['tt9']);
  });

  it('after a reload, counts a skipped title and one on screen that others have labelled no more', async () => {
    const { start, leave, label, look } = openTab(4);
    const before = await start();
    before.skip();
    leave();
    label('tt0');
    label('tt1');
    const session = await start('tt1');
    expect(session.queue.get().left).toBe(2);
    session.count(2);
    expect(session.queue.get().left).toBe(2);
    look(1_000);
    session.answer('would_watch');
    expect([session.queue.get().left, ids(session.queue.get().upcoming)]).toEqual([2, ['tt2', 'tt3']]);
  });

  it('goes on from a title that others have labelled without a step, from any other by a skip', async () => {
    const { start } = openTab(3);
    const session = await start();
    session.applyRemoteChanges([{ ...row('tt0'), updated_at: 'v2' }], [], ['tt0'], new Map([['tt0', 'Bob']]));
    session.next();
    expect([ids(session.queue.get().upcoming), session.queue.get().steps]).toEqual([['tt1', 'tt2'], []]);
    session.next();
    expect(session.queue.get().steps).toMatchObject([{ kind: 'skip', title: { imdb_id: 'tt1' } }]);
  });

  it('starts with the title of a link unless it is answered', async () => {
    const { start, leave, look } = openTab(3);
    const session = await start('tt2');
    expect(ids(session.queue.get().upcoming)).toEqual(['tt2', 'tt0', 'tt1']);
    look(1_000);
    session.answer('would_watch');
    leave();
    expect(ids((await start('tt2')).queue.get().upcoming)).toEqual(['tt0', 'tt1']);
  });
});

describe('changes of other users', () => {
  it('name the user who changed the title on screen, not one who changed another title', async () => {
    const { start } = openTab(3, { tt0: { label: 'would_watch' } });
    const session = await start();
    const follower = createFollower(session);
    follower.report(['tt9'], 'me');
    follower.report(['tt0'], 'Bob');
    follower.report(['tt1'], 'Ada');
    follower.report(['tt9'], 'me');
    await vi.advanceTimersByTimeAsync(200);
    expect(session.queue.get().changedBy).toEqual({ imdb_id: 'tt0', by: 'Bob' });
  });

  it.each(['from another page', 'by a reload'])('of the title on screen are named on return %s', async (how) => {
    const newer: Record<string, Partial<TrainingRow>> = { tt1: { updated_at: 'v1' } };
    const { load, leave, look } = openTab(3, newer);
    const open = load();
    const before = await open();
    before.skip();
    before.show()();
    leave();
    const back = how === 'by a reload' ? load() : open;
    expect((await back('tt1')).queue.get().changedBy).toBeNull();
    newer.tt1 = { label: 'would_not_watch', reviewed: true };
    const session = await back('tt1');
    expect(session.queue.get().changedBy).toEqual({ imdb_id: 'tt1', by: null });
    session.show();
    look(399);
    session.answer('would_watch');
    expect(session.queue.get().upcoming[0]?.imdb_id).toBe('tt1');
  });

  it('keep every title that still matches when any of them may have changed', async () => {
    const { start, named } = openTab(401);
    const session = await start();
    createFollower(session).report(undefined, 'another user');
    await vi.advanceTimersByTimeAsync(200);
    expect(session.queue.get().upcoming.map(({ updated_at }) => updated_at)).toEqual(Array(401).fill('v2'));
    expect(named).toEqual([200, 200, 1]);
  });
});
