import type { Shown } from '@at/contracts/label';
import { getTraining, listTraining, type TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { ApiProblem, call } from '#shared/api.ts';
import { formatWord } from '#shared/format.ts';
import { notify, notifyError } from '#shared/notify.tsx';
import { createRememberedStore, createStore, isBoolean, type Store } from '#shared/store.ts';
import { refreshBacklog } from './backlog.ts';
import { isOwn, nextWriteId, outbox, submit, takeBack } from './browser-outbox.ts';
import { passOf, queryOf, type TrainingView } from './filters.ts';
import { flagsAfter, type Write } from './outbox.ts';
import { type Action, emptyQueue, type Queue, reduce, refillBelow, type Step } from './queue.ts';
import { nameTitleInUrl } from './title-in-url.ts';

/**
 * One person going through one filter: the queue on screen, refilled ahead by cursor, and the writes behind it. A key
 * press changes the queue at once; the API hears of it through the outbox.
 */

/** Hides the model's word until the decision is made. */
export const blindMode = createRememberedStore('blind-mode', false, isBoolean);

const batch = 50;
const storageKey = 'review-session';
const keptSteps = 200;

export type ReviewSession = {
  pass: string;
  queue: Store<Queue>;
  /** Why more titles could not be fetched; null while all is well. */
  stalled: Store<string | null>;
  /** The request that filled the queue. */
  url: string;
  query: ReturnType<typeof queryOf>;
};

let current: ReviewSession | undefined;
const refilling = new WeakSet<ReviewSession>();
/** When the title on screen came there, on the clock of performance.now(). */
let shownAt = performance.now();
let hiddenAt: number | undefined;

document.addEventListener('visibilitychange', () => {
  // Time away from the page is not time taken to decide.
  if (document.hidden) hiddenAt = performance.now();
  else if (hiddenAt !== undefined) {
    shownAt += performance.now() - hiddenAt;
    hiddenAt = undefined;
  }
});

function storedSteps(pass: string): Step[] {
  try {
    const stored = JSON.parse(sessionStorage.getItem(storageKey) ?? 'null') as { pass: string; steps: Step[] } | null;
    return stored?.pass === pass ? stored.steps : [];
  } catch {
    return [];
  }
}

function storeSteps({ pass, queue }: ReviewSession): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify({ pass, steps: queue.get().steps.slice(-keptSteps) }));
  } catch {
    // Without storage, undo reaches back to the last reload only.
  }
}

/** Names the title on screen in the URL. */
export function nameShownTitle({ queue }: ReviewSession): void {
  nameTitleInUrl(queue.get().upcoming[0]?.imdb_id ?? null);
}

function dispatch(session: ReviewSession, action: Action): void {
  const before = session.queue.get().upcoming[0];
  session.queue.set((queue) => reduce(queue, action));
  const now = session.queue.get().upcoming[0];
  if (before?.imdb_id !== now?.imdb_id) {
    shownAt = performance.now();
    if (session === current) nameShownTitle(session);
  }
  storeSteps(session);
  void refill(session);
}

/** Fetches more titles when few are left; where that fails, the next action or the user tries again. */
export async function refill(session: ReviewSession): Promise<void> {
  const { upcoming, cursor } = session.queue.get();
  if (refilling.has(session) || cursor === null || upcoming.length >= refillBelow) return;
  refilling.add(session);
  try {
    const { data } = await call(listTraining, { query: { ...session.query, limit: batch, cursor, count: 'none' } });
    session.stalled.set(null);
    const { next_cursor } = data.pagination;
    session.queue.set((queue) => reduce(queue, { type: 'refill', rows: data.data, cursor: next_cursor }));
  } catch (error) {
    session.stalled.set(error instanceof Error ? error.message : String(error));
  } finally {
    refilling.delete(session);
  }
  // A batch of titles that are all behind us already leaves as few as before.
  if (session.stalled.get() === null) void refill(session);
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
 * Begins to go through a view, or goes on where this tab left it: what was done stays known, and the title that was on
 * screen (`title`, from the URL) comes first.
 */
export async function openSession(
  view: TrainingView,
  title: string | null,
  signal: AbortSignal,
): Promise<ReviewSession> {
  const pass = passOf(view);
  const query = queryOf(view);
  const same = current?.pass === pass ? current : undefined;
  const wanted = title ?? same?.queue.get().upcoming[0]?.imdb_id;
  const [{ data, url }, first] = await Promise.all([
    call(listTraining, { query: { ...query, limit: batch }, signal }),
    wanted === undefined ? undefined : findTitle(wanted, signal),
  ]);
  const steps = same ? same.queue.get().steps : storedSteps(pass);
  const isBehind = first && steps.some((step) => step.kind !== 'anomalous' && step.title.imdb_id === first.imdb_id);
  const inFront = first && !isBehind ? [first] : [];
  // Answered in another tab, or before a crash, and not yet with the API.
  const unsent = outbox.unsent.get().flatMap(({ write, imdb_id }) => (write.kind === 'answer' ? [imdb_id] : []));
  const known = new Set([...unsent, ...inFront.map(({ imdb_id }) => imdb_id)]);
  const others = data.data.filter(({ imdb_id }) => !known.has(imdb_id));
  const { next_cursor, total } = data.pagination;
  const begin: Action = {
    type: 'begin',
    rows: [...inFront, ...others],
    cursor: next_cursor,
    total: total ?? 0,
    steps,
  };
  const queue = createStore(reduce(emptyQueue, begin));
  current = { pass, query, url, queue, stalled: createStore<string | null>(null) };
  shownAt = performance.now();
  void refill(current);
  return current;
}

function shownNow(title: TrainingRow): Shown {
  const blind = blindMode.get();
  return { view: 'review', blind, probability: blind ? null : (title.probability ?? null), label: title.label };
}

/** Labels the title on screen and goes on to the next. */
export function answer(session: ReviewSession, label: Label): void {
  const [title] = session.queue.get().upcoming;
  if (!title) return;
  const decisionMs = Math.round(performance.now() - shownAt);
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
  takeBack(step.title, step.id, write, step.eventId);
}

outbox.onSettled((entry, outcome) => {
  const session = current;
  const isStep = session?.queue.get().steps.some(({ id }) => id === entry.id) ?? false;
  if (outcome.kind === 'saved') {
    const { eventId, version } = outcome;
    if (!session) return;
    const { id, imdb_id } = entry;
    if (isStep || isOwn(id)) {
      dispatch(session, { type: 'saved', id, imdb_id, eventId, version });
    } else {
      // Decided in another tab: shown here as it is now.
      const changes = { ...flagsAfter(entry.seen, entry.write), updated_at: version };
      dispatch(session, { type: 'changed', imdb_id, changes });
    }
  } else if (outcome.kind === 'overtaken') {
    const said = outcome.now.label === null ? 'unlabelled' : formatWord(outcome.now.label);
    notify(`"${entry.name}" was changed meanwhile by ${outcome.by}: it is ${said} now. Your change was not written.`);
    if (!session) return;
    dispatch(session, { type: 'overtaken', id: entry.id });
    const changes = { ...outcome.now, updated_at: outcome.version };
    dispatch(session, { type: 'changed', imdb_id: entry.imdb_id, changes });
  } else if (session && isStep) {
    // The card on screen says why it is back.
    dispatch(session, { type: 'refused', id: entry.id, reason: outcome.reason });
  } else {
    notifyError(`"${entry.name}" could not be changed`, outcome.reason);
  }
});

outbox.onSettled(refreshBacklog);
