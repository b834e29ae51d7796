import type { Shown } from '@at/contracts/labels';
import { getTraining, listTraining, type TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { ApiProblem, call } from '#api/call.ts';
import { isOwn, nextWriteId, outbox, submit, withdraw } from '#outbox/browser-outbox.ts';
import { answeredBy, flagsAfter, type Write } from '#outbox/outbox.ts';
import { createRememberedStore, createStore, isBoolean, type Store } from '#state/store.ts';
import { changeTexts } from '#titles/title-changes.texts.ts';
import { isRowWrite } from '#titles/title-changes.ts';
import { setTitleInUrl } from '#titles/title-in-url.ts';
import { formatWord, isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { noteTotal } from './backlog.ts';
import { type Action, emptyQueue, type Queue, reduce, refillBelow, type Step } from './queue.ts';
import { passOf, queryOf, type TrainingView } from './view.ts';

/**
 * One person going through one filter: the queue on screen, refilled ahead by cursor, and the writes behind it. A key
 * press changes the queue at once; the API hears of it through the outbox.
 */

/** Hides the model's word until the decision is made. */
export const blindMode = createRememberedStore('blind-mode', false, isBoolean);

const batch = 50;
const storageKey = 'review-session';
const keptSteps = 200;
/** Nobody has read a title, and decided on it, in less. */
const reactionMs = 400;

export type ReviewSession = {
  pass: string;
  queue: Store<Queue>;
  /** Why more titles could not be fetched; null while all is well. */
  stalled: Store<string | null>;
  /** The request that filled the queue. */
  url: string;
  query: ReturnType<typeof queryOf>;
};

/** The session gone on with last; its card may be off the screen. */
let current: ReviewSession | undefined;
/** The session whose card is on the screen. */
let shown: ReviewSession | undefined;
const refilling = new WeakSet<ReviewSession>();

/** Milliseconds this page has been hidden, up to the last time it was; that is not time taken to decide. */
let hiddenFor = 0;
let hiddenSince = document.hidden ? performance.now() : undefined;
document.addEventListener('visibilitychange', () => {
  if (hiddenSince !== undefined) hiddenFor += performance.now() - hiddenSince;
  hiddenSince = document.hidden ? performance.now() : undefined;
});

/** Milliseconds this page has been visible. */
const visibleFor = () => (hiddenSince ?? performance.now()) - hiddenFor;
/** When the title on screen came there, on that clock. */
let shownAt = visibleFor();
/** When it last became another than it was, on its own. */
let changedAt = Number.NEGATIVE_INFINITY;

type Stored = { pass: string; steps: Step[] };

function readStored(): Stored | null {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? 'null') as Stored | null;
  } catch {
    return null;
  }
}

function store({ pass, steps }: Stored): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify({ pass, steps: steps.slice(-keptSteps) }));
  } catch {
    // Without storage, undo reaches back to the last reload only.
  }
}

/** Steps that are still to be stored: off the way of the key that made them, as it takes milliseconds. */
let unstored: { session: ReviewSession; timer: ReturnType<typeof setTimeout> } | undefined;

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
  unstored = { session, timer: setTimeout(storeNow, 150) };
}

addEventListener('pagehide', storeNow);

/** What came of a step of a session that this tab has left, or has not gone on with yet. */
function noteStored(action: Action): void {
  storeNow();
  const stored = readStored();
  if (!stored || stored.pass === current?.pass) return;
  store({ ...stored, steps: reduce({ ...emptyQueue, steps: stored.steps }, action).steps });
}

/** Names the title on screen in the URL. */
export function nameShownTitle({ queue }: ReviewSession): void {
  setTitleInUrl(queue.get().upcoming[0]?.imdb_id ?? null);
}

/** Says that the session's card has come on the screen; returns how to say that it has left it. */
export function show(session: ReviewSession): () => void {
  shown = session;
  shownAt = visibleFor();
  return () => {
    shown = undefined;
  };
}

/** Changes the queue, and what follows from another title being on screen. */
function change(session: ReviewSession, action: Action): void {
  const before = session.queue.get().upcoming[0];
  session.queue.set((queue) => reduce(queue, action));
  if (before?.imdb_id === session.queue.get().upcoming[0]?.imdb_id) return;
  shownAt = visibleFor();
  if (session === shown) nameShownTitle(session);
}

function dispatch(session: ReviewSession, action: Action): void {
  change(session, action);
  storeSoon(session);
  void refill(session);
}

/** Says what others have done to the titles that are to come, and who did, by id. */
export function applyRemoteChanges(
  session: ReviewSession,
  rows: TrainingRow[],
  left: string[],
  by: ReadonlyMap<string, string>,
): void {
  const before = session.queue.get().meanwhile;
  // What is on its way from here is judged when it has arrived.
  const unsent = new Set(outbox.unsent.get().map(({ imdb_id }) => imdb_id));
  const isOurs = (imdbId: string) => unsent.has(imdbId);
  dispatch(session, {
    type: 'others',
    rows: rows.filter(({ imdb_id }) => !isOurs(imdb_id)),
    left: left.filter((id) => !isOurs(id)),
    by,
  });
  if (session.queue.get().meanwhile !== before) changedAt = visibleFor();
}

/** The titles that have not been answered; the API does not know yet of answers on their way to it. */
function withoutAnswered(rows: TrainingRow[]): TrainingRow[] {
  const answered = answeredBy(outbox.unsent.get());
  return rows.filter(({ imdb_id }) => !answered.has(imdb_id));
}

/**
 * Fetches more titles when few are left; where that fails, the next action or the user tries again. After the last one
 * it looks from the start for those that have come meanwhile.
 */
export async function refill(session: ReviewSession): Promise<void> {
  const { upcoming, cursor } = session.queue.get();
  if (refilling.has(session) || upcoming.length >= (cursor === null ? 1 : refillBelow)) return;
  refilling.add(session);
  try {
    const query = { ...session.query, limit: batch, count: 'none' as const, ...(cursor === null ? {} : { cursor }) };
    const { data } = await call(listTraining, { query });
    session.stalled.set(null);
    change(session, {
      type: 'refill',
      rows: withoutAnswered(data.data),
      cursor: data.pagination.next_cursor,
    });
  } catch (error) {
    session.stalled.set(error instanceof Error ? error.message : String(error));
  } finally {
    refilling.delete(session);
  }
  // A batch of titles that are all behind us already leaves as few as before.
  if (session.stalled.get() === null && session.queue.get().cursor !== null) void refill(session);
}

async function findTitle(imdbId: string, signal: AbortSignal): Promise<TrainingRow | undefined> {
  try {
    return (await call(getTraining, { params: { imdb_id: imdbId }, signal })).data;
  } catch (error) {
    // A link to a title that is no more must not keep the others away.
    if (error instanceof ApiProblem) return undefined;
    throw error;
  }
}

/**
 * Begins to go through a view, or goes on where this tab left it: what was done stays known, and the title on screen
 * stays there. `title` is the one the link asks for.
 */
export async function openSession(
  view: TrainingView,
  title: string | null,
  signal: AbortSignal,
): Promise<ReviewSession> {
  const pass = passOf(view);
  const query = queryOf(view);
  const same = current?.pass === pass ? current : undefined;
  const onScreen = same?.queue.get().upcoming[0];
  const wanted = title ?? onScreen?.imdb_id;
  const [{ data, url }, found] = await Promise.all([
    call(listTraining, { query: { ...query, limit: batch }, signal }),
    wanted === undefined ? undefined : findTitle(wanted, signal),
  ]);
  noteTotal(view, data.pagination.total);
  storeNow();
  const stored = readStored();
  const steps = same ? same.queue.get().steps : stored?.pass === pass ? stored.steps : [];
  // What is on screen stays there, for whoever has gone on meanwhile too; a title that is done is not asked for again.
  const now = same?.queue.get().upcoming[0];
  const isBehind = steps.some(({ kind, title: { imdb_id } }) => kind !== 'anomalous' && imdb_id === found?.imdb_id);
  const first = found && !isBehind && now?.imdb_id === onScreen?.imdb_id ? found : now;
  const others = data.data.filter(({ imdb_id }) => imdb_id !== first?.imdb_id);
  const unanswered = withoutAnswered(others);
  const session = same ?? {
    pass,
    query,
    url,
    queue: createStore(emptyQueue),
    stalled: createStore<string | null>(null),
  };
  current = session;
  change(session, {
    type: 'begin',
    rows: first ? [first, ...unanswered] : unanswered,
    cursor: data.pagination.next_cursor,
    total: (data.pagination.total ?? 0) - (others.length - unanswered.length),
    steps,
  });
  if (data.pagination.next_cursor !== null) void refill(session);
  return session;
}

function shownNow(title: TrainingRow): Shown {
  const blind = blindMode.get();
  return { view: 'review', blind, probability: blind ? null : (title.probability ?? null), label: title.label };
}

/** Labels the title on screen and goes on to the next. */
export function answer(session: ReviewSession, label: Label): void {
  const { upcoming, returned } = session.queue.get();
  const [title] = upcoming;
  if (!title) return;
  const decisionMs = Math.round(visibleFor() - shownAt);
  // It came back under the hand, which meant the title before it; or it became another one under it.
  if (returned?.reason && decisionMs < reactionMs) return;
  if (visibleFor() - changedAt < reactionMs) return;
  const id = submit(title, { kind: 'answer', label }, { decisionMs, shown: shownNow(title) });
  dispatch(session, { type: 'answer', id, label, at: Date.now(), decisionMs });
}

export function toggleAnomalous(session: ReviewSession): void {
  const [title] = session.queue.get().upcoming;
  if (!title) return;
  const id = submit(title, { kind: 'anomalous', value: !title.anomalous });
  dispatch(session, { type: 'anomalous', id });
}

export function skip(session: ReviewSession): void {
  if (session.queue.get().upcoming.length > 0) dispatch(session, { type: 'skip', id: nextWriteId() });
}

/** Brings the skipped titles on again. */
export function revisit(session: ReviewSession): void {
  dispatch(session, { type: 'revisit' });
}

/** Takes the latest step back, however far back; what the API has already is undone there. */
export function undo(session: ReviewSession): void {
  const step = session.queue.get().steps.at(-1);
  if (!step) return;
  dispatch(session, { type: 'undo' });
  if (step.kind === 'skip') return;
  const write: Write =
    step.kind === 'answer'
      ? { kind: 'answer', label: step.label }
      : { kind: 'anomalous', value: !step.title.anomalous };
  withdraw(step.title, step.id, write, step.eventId);
}

outbox.onSettled((entry, outcome) => {
  const { id, imdb_id, name, write } = entry;
  const session = current;
  const isStep = session?.queue.get().steps.some((step) => step.id === id) ?? false;
  /** Tells the session that the write is a step of. */
  const note = (action: Action) => (session && isStep ? dispatch(session, action) : noteStored(action));
  const setOverlay = (changes: Partial<TrainingRow>) =>
    session && change(session, { type: 'changed', imdb_id, changes });
  if (outcome.kind === 'saved') {
    const { eventId, version } = outcome;
    note({ type: 'saved', id, imdb_id, eventId, version });
    // What was decided in another tab is shown here as it is now.
    if (!isStep) setOverlay({ ...(isOwn(id) ? {} : flagsAfter(entry.seen, write)), updated_at: version });
  } else if (outcome.kind === 'overtaken') {
    const { now, by, version } = outcome;
    const said = now.label === null ? null : formatWord(now.label);
    if (!isRowWrite(id)) notify(changeTexts.overtaken(isolate(name), by, said));
    note({ type: 'overtaken', id });
    setOverlay({ ...now, updated_at: version });
  } else {
    const { reason } = outcome;
    note({ type: 'refused', id, reason });
    // What an undo should have taken back still stands.
    if (write.kind === 'undo') setOverlay(entry.seen);
    // The card on screen says itself why it is back.
    const card = shown?.queue.get().returned;
    const isShown = card?.imdb_id === imdb_id && card.reason === reason;
    if (!isShown && !isRowWrite(id)) notifyError(changeTexts.refused(isolate(name)), reason);
  }
});
