import { getMediaStats, type MediaStats } from '@at/contracts/media';
import { call } from '#shared/api.ts';
import { createStore } from '#shared/store.ts';

/** How many media items there are of each kind; null until it is known. */
export const mediaStats = createStore<MediaStats | null>(null);

/** Milliseconds in which many changes make one question. */
const pause = 1_000;
let timer: ReturnType<typeof setTimeout> | undefined;
let askedAt = Number.NEGATIVE_INFINITY;

async function ask(): Promise<void> {
  timer = undefined;
  askedAt = performance.now();
  try {
    mediaStats.set((await call(getMediaStats, {})).data);
  } catch {
    // The numbers stay as they were; the connection's own signs tell that the API is away.
  }
}

/** Counts anew: at once, or a moment after the last time. */
export function refreshStats(): void {
  if (timer !== undefined) return;
  timer = setTimeout(() => void ask(), Math.max(0, askedAt + pause - performance.now()));
}
