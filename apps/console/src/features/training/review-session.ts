import type { FlagValues, Shown } from '@at/contracts/labels';
import { listTraining, type TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { call } from '#api/call.ts';
import { answeredTitles, type Entry, flagsAfter, type Outcome, sameFlags, type Write } from '#outbox/outbox.ts';
import { flagsOf } from '#outbox/send-write.ts';
import { nameHere } from '#state/base-path.ts';
import { createStore, type Store } from '#state/store.ts';
import { findTitle } from '#titles/find-title.ts';
import { shownProbability } from '#titles/probability.ts';
import { changeTexts } from '#titles/title-changes.texts.ts';
import { formatWord, isolate, someone } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { findMatching } from './find-matching.ts';
import { type Action, emptyQueue, type Queue, reduce, refillBelow, type Step, skippedTitles } from './queue.ts';
import { passOf, queryOf, type TrainingView } from './view.ts';

/**
 * A user going through one filter: the queue on screen, filled ahead by cursor, and the writes behind it. A key press
 * changes the queue at once; the write goes through the outbox.
 */

const batch = 50;
const storageKey = nameHere('review-session');
/** Apart from the steps, which may be those of another filter. */
const seenKey = nameHere('review-title');
const keptSteps = 200;
const storeAfterMs = 150;
/** A shorter time is not enough to read a title and decide. */
const reactionMs = 400;

export type ReviewDeps = {
  outbox: {
    unsent: Store<Entry[]>;
    onSettled: (listener: (entry: Entry, outcome: Outcome) => void) => unknown;
    submit: (title: TrainingRow, write: Write, extra?: Pick<Entry, 'decisionMs' | 'shown'>) => string;
    withdraw: (title: TrainingRow, id: string, write: Write, eventId: number | null | undefined) => unknown;
    nextWriteId: () => string;
    /** Whether this page made the write. */
    isOwn: (id: string) => boolean;
    /** Whether the write was made on a row of a list, which reports how it ends. */
    isRowWrite: (id: string) => boolean;
  };
  /** Of this tab. */
  storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** Calls back when the page is left. */
  onLeave: (run: () => void) => void;
  /** Milliseconds this page has been visible: hidden time does not count. */
  visibleFor: () => number;
  isBlind: () => boolean;
  nameTitleInUrl: (imdbId: string | null) => void;
  recordTotal: (view: TrainingView, total: number | null, requestedAt: number) => void;
};

export type ReviewSession = {
  pass: string;
  queue: Store<Queue>;
  /** Why more titles could not be loaded; null while all is well. */
  stalled: Store<string | null>;
  /** The request that filled the queue. */
  url: string;
  query: ReturnType<typeof queryOf>;
  /** Call when the session's card is on screen; returns what to call when it has left. */
  show: () => () => void;
  nameShownTitle: () => void;
  refill: () => Promise<void>;
  /** Takes the number of titles that match from the API: others may have answered some, or added some. */
  count: (total: number) => void;
  /** `left` are titles to remove; `outside` stay although they no longer match. */
  applyRemoteChanges: (rows: TrainingRow[], left: string[], outside: string[], by: ReadonlyMap<string, string>) => void;
  /** Shows flags of a title that were changed beside the steps, such as by an undo in its history. */
  amend: (imdbId: string, changes: FlagValues) => void;
  /** Labels the title on screen and goes on to the next. */
  answer: (label: Label) => void;
  toggleAnomalous: () => void;
  skip: () => void;
  /** Leaves the title on screen to the user who changed it; if it still waits for an answer, it is skipped. */
  next: () => void;
  /** Brings the skipped titles back. */
  revisit: () => void;
  /** Undoes the latest step, any number of times; a saved one is undone in the API. */
  undo: () => void;
};

type Stored = { pass: string; steps: Step[] };
/** A title as it was on screen. */
type Seen = { imdb_id: string; flags: FlagValues };

export function createReviewSession({
  outbox,
  storage,
  onLeave,
  visibleFor,
  isBlind,
  nameTitleInUrl,
  recordTotal,
}: ReviewDeps) {
  /** The latest session; its card may be off the screen. */
  let current: ReviewSession | undefined;
  /** The session whose card is on screen. */
  let shown: ReviewSession | undefined;
  /** When the title came on screen, and when it last changed there by itself, by `visibleFor`. */
  let shownAt = visibleFor();
  let changedAt = Number.NEGATIVE_INFINITY;
  /** Steps to store: not within the key press that made them, as it takes milliseconds. */
  let unstored: { session: ReviewSession; timer: ReturnType<typeof setTimeout> } | undefined;

  function read<T>(key: string): T | null {
    try {
      return JSON.parse(storage.getItem(key) ?? 'null') as T | null;
    } catch {
      return null;
    }
  }
  const readStored = () => read<Stored>(storageKey);

  const seenIn = (session: ReviewSession | undefined): Seen | null => {
    const title = session?.queue.get().upcoming[0];
    return title ? { imdb_id: title.imdb_id, flags: flagsOf(title) } : null;
  };

  function store({ pass, steps }: Stored): void {
    try {
      storage.setItem(storageKey, JSON.stringify({ pass, steps: steps.slice(-keptSteps) }));
    } catch {
      // Without storage, undo reaches back to the last reload only.
    }
  }

  function storeNow(): void {
    if (!unstored) return;
    clearTimeout(unstored.timer);
    const { pass, queue } = unstored.session;
    unstored = undefined;
    store({ pass, steps: queue.get().steps });
  }

  function storeSoon(session: ReviewSession): void {
    if (unstored?.session === session) return;
    storeNow();
    unstored = { session, timer: setTimeout(storeNow, storeAfterMs) };
  }

  /** Applies the outcome of a step to a stored session that is not open in this tab. */
  function recordStored(action: Action): void {
    storeNow();
    const stored = readStored();
    if (!stored || stored.pass === current?.pass) return;
    store({ ...stored, steps: reduce({ ...emptyQueue, steps: stored.steps }, action).steps });
  }

  /** Without answered titles: the API does not know of unsent answers yet. */
  function withoutAnswered(rows: TrainingRow[]): TrainingRow[] {
    const answered = answeredTitles(outbox.unsent.get());
    return rows.filter(({ imdb_id }) => !answered.has(imdb_id));
  }

  function shownNow(title: TrainingRow): Shown {
    if (isBlind()) return { view: 'review', blind: true, probability: null };
    return { view: 'review', blind: false, probability: shownProbability(title.probability), label: title.label };
  }

  /** Changes the queue, and what depends on the title on screen. */
  function change(session: ReviewSession, action: Action): void {
    const before = session.queue.get().upcoming[0];
    session.queue.set((queue) => reduce(queue, action));
    if (before?.imdb_id === session.queue.get().upcoming[0]?.imdb_id) return;
    shownAt = visibleFor();
    changedAt = Number.NEGATIVE_INFINITY;
    if (session === shown) session.nameShownTitle();
  }

  function dispatch(session: ReviewSession, action: Action): void {
    change(session, action);
    storeSoon(session);
    void session.refill();
  }

  function begin(pass: string, query: ReviewSession['query'], url: string): ReviewSession {
    const queue = createStore(emptyQueue);
    const stalled = createStore<string | null>(null);
    let isRefilling = false;
    /** Titles may have been added since the refill that runs was requested. */
    let isBehind = false;

    /**
     * Loads more titles when few are left; after a failure the next action or the user tries again. After the last title
     * it starts again from the top, for titles that were added since.
     */
    async function refill(): Promise<void> {
      const { upcoming, cursor } = queue.get();
      if (upcoming.length >= (cursor === null ? 1 : refillBelow)) return;
      isBehind = isRefilling;
      if (isRefilling) return;
      isRefilling = true;
      try {
        const page = { limit: batch, count: 'none' as const, ...(cursor === null ? {} : { cursor }) };
        const { data } = await call(listTraining, { query: { ...query, ...page } });
        stalled.set(null);
        change(session, { type: 'refill', rows: withoutAnswered(data.data), cursor: data.pagination.next_cursor });
      } catch (error) {
        stalled.set(error instanceof Error ? error.message : String(error));
      } finally {
        isRefilling = false;
      }
      // A batch of answered titles leaves as few as before.
      if (stalled.get() === null && (isBehind || queue.get().cursor !== null)) void refill();
    }

    const session: ReviewSession = {
      pass,
      queue,
      stalled,
      url,
      query,
      refill,
      count: (total) => change(session, { type: 'counted', total }),
      show: () => {
        shown = session;
        shownAt = visibleFor();
        if (queue.get().changedBy) changedAt = shownAt;
        return () => {
          shown = undefined;
        };
      },
      nameShownTitle: () => nameTitleInUrl(queue.get().upcoming[0]?.imdb_id ?? null),
      applyRemoteChanges: (rows, left, outside, by) => {
        const before = queue.get().changedBy;
        // The outcome of this page's own write decides about its title.
        const own = outbox.unsent.get().filter(({ id }) => outbox.isOwn(id));
        const unsent = new Set(own.map(({ imdb_id }) => imdb_id));
        dispatch(session, {
          type: 'others',
          rows: rows.filter(({ imdb_id }) => !unsent.has(imdb_id)),
          left: left.filter((id) => !unsent.has(id)),
          outside: outside.filter((id) => !unsent.has(id)),
          by,
        });
        if (queue.get().changedBy !== before) changedAt = visibleFor();
      },
      amend: (imdb_id, changes) => change(session, { type: 'changed', imdb_id, changes }),
      answer: (label) => {
        const { upcoming, returned } = queue.get();
        const [title] = upcoming;
        if (!title) return;
        const decisionMs = Math.round(visibleFor() - shownAt);
        // The title came back or changed during the key press, which was meant for what was there before.
        if (returned?.reason && decisionMs < reactionMs) return;
        if (visibleFor() - changedAt < reactionMs) return;
        const id = outbox.submit(title, { kind: 'answer', label }, { decisionMs, shown: shownNow(title) });
        dispatch(session, { type: 'answer', id, label, decisionMs });
      },
      toggleAnomalous: () => {
        const [title] = queue.get().upcoming;
        if (!title) return;
        const id = outbox.submit(title, { kind: 'anomalous', value: !title.anomalous });
        dispatch(session, { type: 'anomalous', id });
      },
      skip: () => {
        if (queue.get().upcoming.length > 0) dispatch(session, { type: 'skip', id: outbox.nextWriteId() });
      },
      next: () => {
        const { upcoming, outside } = queue.get();
        const [title] = upcoming;
        if (!title || !outside.has(title.imdb_id)) session.skip();
        else dispatch(session, { type: 'others', rows: [], left: [title.imdb_id], outside: [], by: new Map() });
      },
      revisit: () => dispatch(session, { type: 'revisit' }),
      undo: () => {
        const step = queue.get().steps.at(-1);
        if (!step) return;
        dispatch(session, { type: 'undo' });
        if (step.kind === 'skip') return;
        const write: Write =
          step.kind === 'answer'
            ? { kind: 'answer', label: step.label }
            : { kind: 'anomalous', value: !step.title.anomalous };
        outbox.withdraw(step.title, step.id, write, step.eventId);
      },
    };
    return session;
  }

  function storeSeen(): void {
    const seen = seenIn(current);
    try {
      if (seen) storage.setItem(seenKey, JSON.stringify(seen));
    } catch {
      // Without storage, a change of the title during a reload is not reported.
    }
  }

  onLeave(() => {
    storeNow();
    storeSeen();
  });

  outbox.onSettled((entry, outcome) => {
    const { id, imdb_id, name, write } = entry;
    const session = current;
    const isStep = session?.queue.get().steps.some((step) => step.id === id) ?? false;
    const note = (action: Action) => (session && isStep ? dispatch(session, action) : recordStored(action));
    // Titles that were changed elsewhere, such as in another tab, follow the events.
    const setOverlay = (changes: Partial<TrainingRow>) =>
      session && outbox.isOwn(id) && change(session, { type: 'changed', imdb_id, changes });
    if (outcome.kind === 'saved') {
      const { eventId, version } = outcome;
      note({ type: 'saved', id, imdb_id, eventId, version });
      // One that the user has changed again since, as by an undo, shows that.
      const isLast = !outbox.unsent.get().some((other) => other.imdb_id === imdb_id);
      if (!isStep) setOverlay({ ...(isLast && flagsAfter(entry.seen, write)), updated_at: version });
    } else if (outcome.kind === 'overtaken') {
      const { now, by, version } = outcome;
      const label = now.label === null ? null : formatWord(now.label);
      if (!outbox.isRowWrite(id)) notify(changeTexts.overtaken(isolate(name), someone(by), label));
      note({ type: 'overtaken', id });
      setOverlay({ ...now, updated_at: version });
    } else {
      const { reason } = outcome;
      note({ type: 'refused', id, reason });
      // The step is not undone.
      if (write.kind === 'undo') setOverlay(entry.seen);
      // The card on screen gives the reason itself.
      const card = shown?.queue.get().returned;
      const isShown = card?.imdb_id === imdb_id && card.reason === reason;
      if (!isShown && !outbox.isRowWrite(id)) notifyError(changeTexts.refused(isolate(name)), reason);
    }
  });

  /** Starts a session for a view, or continues the one of this tab with its steps and its title. `title` comes from a link. */
  return async function open(view: TrainingView, title: string | null, signal: AbortSignal): Promise<ReviewSession> {
    const pass = passOf(view);
    const query = queryOf(view);
    const same = current?.pass === pass ? current : undefined;
    const onScreen = same?.queue.get().upcoming[0];
    const wanted = title ?? onScreen?.imdb_id;
    const requestedAt = Date.now();
    const [{ data, url }, found] = await Promise.all([
      call(listTraining, { query: { ...query, limit: batch }, signal }),
      wanted === undefined ? undefined : findTitle(wanted, signal),
    ]);
    recordTotal(view, data.pagination.total, requestedAt);
    storeNow();
    const stepsNow = (): Step[] => {
      if (same) return same.queue.get().steps;
      const stored = readStored();
      return stored?.pass === pass ? stored.steps : [];
    };
    const isAnswered = () =>
      stepsNow().some(({ kind, title: { imdb_id } }) => kind !== 'anomalous' && imdb_id === found?.imdb_id);
    // Titles that stay although the API may no longer count them: on screen, or skipped.
    const staying = [...(found && !isAnswered() ? [found] : []), ...skippedTitles({ steps: stepsNow() })];
    const isListed = (id: string) => data.data.some(({ imdb_id }) => imdb_id === id);
    const unlisted = staying.map(({ imdb_id }) => imdb_id).filter((id) => !isListed(id));
    const isWhole = data.pagination.next_cursor === null || unlisted.length === 0;
    const matching = new Set(
      (isWhole ? [] : await findMatching(query, unlisted, signal)).map(({ imdb_id }) => imdb_id),
    );
    const known = same ? [...same.queue.get().outside] : [];
    const outside = [...new Set([...known, ...unlisted])].filter((id) => !isListed(id) && !matching.has(id));
    const steps = stepsNow();
    // The title on screen stays, also if the user has moved on while this loaded; an answered title does not come back.
    const now = same?.queue.get().upcoming[0];
    const first = found && !isAnswered() && now?.imdb_id === onScreen?.imdb_id ? found : now;
    const others = data.data.filter(({ imdb_id }) => imdb_id !== first?.imdb_id);
    const unanswered = withoutAnswered(others);
    const session = same ?? begin(pass, query, url);
    const isUnsent = outbox.unsent.get().some(({ imdb_id }) => imdb_id === found?.imdb_id);
    const seen = current ? seenIn(current) : read<Seen>(seenKey);
    current = session;
    change(session, {
      type: 'begin',
      rows: first ? [first, ...unanswered] : unanswered,
      cursor: data.pagination.next_cursor,
      total: (data.pagination.total ?? 0) - (others.length - unanswered.length),
      steps,
      outside,
      isChanged:
        first !== undefined &&
        first === found &&
        first.imdb_id === seen?.imdb_id &&
        !isUnsent &&
        !sameFlags(flagsOf(first), seen.flags),
    });
    if (data.pagination.next_cursor !== null) void session.refill();
    return session;
  };
}
