import { getTraining, listTraining, type TrainingRow } from '@at/contracts/training';
import { useEffect, useState } from 'react';
import { ApiProblem, call } from '#api/call.ts';
import { useLive } from '#live/live-events.ts';
import { applyRemoteChanges, type ReviewSession } from './review-session.ts';

/** Keeps a review in step with what others do to its titles: those to come, and the one on screen. */

/** Milliseconds from one reading to the next, however fast changes come. */
const pause = 200;
const retryAfter = 2_000;

export function createFollower(session: ReviewSession) {
  /** Who changed a title last, by its id. */
  let changed = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;
  let lastRead = Number.NEGATIVE_INFINITY;
  let controller = new AbortController();

  const upcoming = () => session.queue.get().upcoming.map(({ imdb_id }) => imdb_id);

  function schedule(wait: number): void {
    if (!isReading && changed.size > 0) timer ??= setTimeout(read, wait);
  }

  const untilNext = () => Math.max(0, lastRead + pause - performance.now());

  async function read(): Promise<void> {
    timer = undefined;
    isReading = true;
    lastRead = performance.now();
    const { signal } = controller;
    const by = changed;
    const ids = upcoming().filter((id) => by.has(id));
    changed = new Map();
    let wait = 0;
    try {
      if (ids.length > 0) {
        const [first] = upcoming();
        const [staying, shown] = await Promise.all([
          findStaying(session, ids, signal),
          first !== undefined && ids.includes(first) ? findTitle(first, signal) : undefined,
        ]);
        const rows = [...staying.filter(({ imdb_id }) => imdb_id !== first), ...(shown ? [shown] : [])];
        const known = new Set(rows.map(({ imdb_id }) => imdb_id));
        // The person may have gone on to one of them: what is on screen leaves it only when it is no more.
        const left = ids.filter((id) => !known.has(id) && (id === first || id !== upcoming()[0]));
        applyRemoteChanges(session, rows, left, by);
      }
    } catch {
      if (signal.aborted) return;
      // Whoever changed one of them while it was read was later.
      changed = new Map([...by, ...changed]);
      wait = retryAfter;
    } finally {
      isReading = false;
      schedule(Math.max(wait, untilNext()));
    }
  }

  return {
    /** `ids` undefined: any title may have changed. */
    hear: (ids: readonly string[] | undefined, actor: string) => {
      for (const id of upcoming()) if (ids === undefined || ids.includes(id)) changed.set(id, actor);
      schedule(untilNext());
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      controller.abort();
      controller = new AbortController();
    },
  };
}

/** As many ids as one request may name. */
const mostIds = 200;

/** Those of the titles that the review's filter still finds. */
async function findStaying(session: ReviewSession, ids: string[], signal: AbortSignal): Promise<TrainingRow[]> {
  const staying: TrainingRow[] = [];
  for (let from = 0; from < ids.length; from += mostIds) {
    const query = {
      ...session.query,
      imdb_id: ids.slice(from, from + mostIds),
      limit: mostIds,
      count: 'none' as const,
    };
    staying.push(...(await call(listTraining, { query, signal })).data.data);
  }
  return staying;
}

/** undefined: it is no more. */
async function findTitle(imdbId: string, signal: AbortSignal): Promise<TrainingRow | undefined> {
  try {
    return (await call(getTraining, { params: { imdb_id: imdbId }, signal })).data;
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 404) return undefined;
    throw error;
  }
}

/** For as long as the review is shown. */
export function useLiveReview(session: ReviewSession): void {
  const [follower] = useState(() => createFollower(session));
  useEffect(() => follower.stop, [follower]);
  useLive(['title.changed', 'prediction.changed'], (event) =>
    event.type === 'reset'
      ? follower.hear(undefined, 'somebody else')
      : follower.hear(event.imdb_ids ?? undefined, event.actor),
  );
}
