import { listTraining } from '@at/contracts/training';
import { call } from '#api/call.ts';
import { onLive } from '#live/live-events.ts';
import { throttle } from '#live/throttle.ts';
import { outbox } from '#outbox/browser-outbox.ts';
import { createStore } from '#state/store.ts';
import { backlogOf, filterOf, type TrainingView } from './view.ts';

/** How many films wait for a review: the number on the backlog button, from a count, never from a page's length. */
export const backlog = createStore<number | null>(null);

/** Counts anew, at most every 400 ms however often it is asked for. */
export const refreshBacklog = throttle(async () => {
  try {
    const { data } = await call(listTraining, {
      query: { media_type: 'movie', reviewed: false, limit: 1, count: 'exact' },
    });
    backlog.set(data.pagination.total);
  } catch {
    // The number last known stays; that the API is away is said by the connection.
  }
}, 400);

const isBacklog = (view: TrainingView) => JSON.stringify(filterOf(view)) === JSON.stringify(filterOf(backlogOf(view)));

/** For a page that is about to be loaded: counts, unless the page's own total is that number. */
export function countBeside(view: TrainingView): void {
  if (!isBacklog(view)) refreshBacklog();
}

/** What the page's own total says. */
export function noteTotal(view: TrainingView, total: number | null): void {
  if (isBacklog(view)) backlog.set(total);
}

/** Milliseconds after which nobody tells any more of a change that was made from here. */
const longestWay = 5_000;
/** Titles that were changed from here and counted; the event that tells of it is still on its way. */
const counted = new Map<string, ReturnType<typeof setTimeout>>();
/** Titles whose event came before the reply to the write. */
const early = new Set<string>();

outbox.onSettled(({ imdb_id }, outcome) => {
  refreshBacklog();
  if (early.delete(imdb_id) || outcome.kind !== 'saved' || outcome.eventId === null) return;
  clearTimeout(counted.get(imdb_id));
  counted.set(
    imdb_id,
    setTimeout(() => counted.delete(imdb_id), longestWay),
  );
});

/** Whether a title's change is counted when its write from here has ended, or has been. */
function isOurs(imdbId: string): boolean {
  if (outbox.unsent.get().some(({ imdb_id }) => imdb_id === imdbId)) {
    early.add(imdbId);
    return true;
  }
  clearTimeout(counted.get(imdbId));
  return counted.delete(imdbId);
}

onLive(['title.changed'], (event) => {
  if (event.type === 'reset' || !event.imdb_ids?.every(isOurs)) refreshBacklog();
});
