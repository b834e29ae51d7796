import { getTraining, listTraining, type TrainingRow } from '@at/contracts/training';
import { useEffect, useState } from 'react';
import { ApiProblem, call } from '#shared/api.ts';
import { useLive } from '#shared/live.ts';
import { noteOthers, type ReviewSession } from './review-session.ts';

/** Keeps a review in step with what others do to its titles: those to come, and the one on screen. */

/** Milliseconds from one reading to the next, however fast changes come. */
const pause = 200;
const retryAfter = 2_000;

function createFollower(session: ReviewSession) {
  let changed = new Set<string>();
  let by = '';
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
    const ids = upcoming().filter((id) => changed.has(id));
    const who = by;
    changed = new Set();
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
        noteOthers(session, rows, left, who);
      }
    } catch {
      if (signal.aborted) return;
      for (const id of ids) changed.add(id);
      wait = retryAfter;
    } finally {
      isReading = false;
      schedule(Math.max(wait, untilNext()));
    }
  }

  return {
    /** `ids` undefined: any title may have changed. */
    hear: (ids: readonly string[] | undefined, actor: string) => {
      by = actor;
      const waiting = upcoming();
      for (const id of waiting) if (ids === undefined || ids.includes(id)) changed.add(id);
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

/** Those of the titles that the review's filter still finds. */
async function findStaying(session: ReviewSession, ids: string[], signal: AbortSignal): Promise<TrainingRow[]> {
  const query = { ...session.query, imdb_id: ids.slice(0, 200), limit: 200, count: 'none' as const };
  return (await call(listTraining, { query, signal })).data.data;
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
