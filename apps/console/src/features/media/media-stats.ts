import { getMediaStats, type MediaStats } from '@at/contracts/media';
import { call } from '#api/call.ts';
import { throttle } from '#live/throttle.ts';
import { createStore } from '#state/store.ts';

/** How many media items there are of each kind; null until it is known. */
export const mediaStats = createStore<MediaStats | null>(null);

/** Counts anew: at once, or a second after the last time. */
export const refreshStats = throttle(async () => {
  try {
    mediaStats.set((await call(getMediaStats, {})).data);
  } catch {
    // The numbers stay as they were; the connection's own signs tell that the API is away.
  }
}, 1_000);
