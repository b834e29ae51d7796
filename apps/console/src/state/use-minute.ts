import { useSyncExternalStore } from 'react';

/** The time for relative times. One timer for all, and none while the page is hidden. */

const minuteLength = 60_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

const notifyListeners = () => {
  for (const listener of listeners) listener();
};

/** Starts or stops the timer. A page that becomes visible updates at once. */
function follow(): void {
  clearInterval(timer);
  if (listeners.size === 0 || document.hidden) return;
  notifyListeners();
  timer = setInterval(notifyListeners, minuteLength);
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) document.addEventListener('visibilitychange', follow);
  listeners.add(listener);
  if (listeners.size === 1) follow();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    document.removeEventListener('visibilitychange', follow);
    clearInterval(timer);
  };
}

const present = () => Math.floor(Date.now() / minuteLength);

/** The present minute, counted from 1970. Components that use it render again each minute, while the page is visible. */
export function useMinute(): number {
  return useSyncExternalStore(subscribe, present, present);
}
