import { useSyncExternalStore } from 'react';

/** What o'clock it is, for what says how long ago something was. One timer for all, and none while nobody looks. */

const minuteLength = 60_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

const tell = () => {
  for (const listener of listeners) listener();
};

/** Starts or stops the timer; on the way back to a page that was hidden, it is later at once. */
function follow(): void {
  clearInterval(timer);
  if (listeners.size === 0 || document.hidden) return;
  tell();
  timer = setInterval(tell, minuteLength);
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

/** The present minute, counted from 1970: what reads it is drawn anew when it has passed, while the page is seen. */
export function useMinute(): number {
  return useSyncExternalStore(subscribe, present, present);
}
