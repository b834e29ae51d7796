import { listTraining } from '@at/contracts/training';
import { call } from '#shared/api.ts';
import { onLive } from '#shared/live.ts';
import { createStore } from '#shared/store.ts';

/** How many films wait for a review: the number on the backlog button, from a count, never from a page's length. */
export const backlog = createStore<number | null>(null);

/** Milliseconds between two counts, and as old as the API's count may be. */
const pause = 400;
const countAge = 1_000;
let timer: ReturnType<typeof setTimeout> | undefined;
let lastAsked = Number.NEGATIVE_INFINITY;

async function ask(): Promise<void> {
  lastAsked = performance.now();
  try {
    const { data } = await call(listTraining, {
      query: { media_type: 'movie', reviewed: false, limit: 1, count: 'exact' },
    });
    backlog.set(data.pagination.total);
  } catch {
    // The number last known stays; that the API is away is said by the connection.
  }
}

/** Counts anew, at most every 400 ms however often it is asked for. */
export function refreshBacklog(): void {
  if (timer !== undefined) return;
  const wait = Math.max(0, lastAsked + pause - performance.now());
  timer = setTimeout(() => {
    timer = undefined;
    void ask();
  }, wait);
}

let settling: ReturnType<typeof setTimeout> | undefined;

// A count may have been made before a change that came past this process of the API, so the last one is made later.
onLive(['title.changed'], () => {
  refreshBacklog();
  clearTimeout(settling);
  settling = setTimeout(refreshBacklog, countAge);
});
