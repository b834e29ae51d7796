import { getTransmission, type TransmissionState } from '@at/contracts/media';
import { useEffect } from 'react';
import { call } from '#api/call.ts';
import { createStore } from '#state/store.ts';
import { pauseAfter } from './torrent-pace.ts';

/** What Transmission does with the torrents of media items, asked for while somebody looks and something moves. */

/** null until it has been asked. */
export const transmission = createStore<TransmissionState | null>(null);

/** Parts of the page that show progress. */
let followers = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let asking: AbortController | undefined;

async function ask(): Promise<void> {
  stop();
  const controller = new AbortController();
  asking = controller;
  try {
    transmission.set((await call(getTransmission, { signal: controller.signal })).data);
  } catch {
    if (controller.signal.aborted) return;
    // That the API is away is told by the connection; what was known of Transmission is old by then.
    transmission.set(null);
  }
  asking = undefined;
  const wait = pauseAfter(transmission.get());
  if (wait !== undefined) timer = setTimeout(() => void ask(), wait);
}

function stop(): void {
  clearTimeout(timer);
  asking?.abort();
  asking = undefined;
}

/** Asks at once, where somebody follows. */
export function askNow(): void {
  stop();
  if (followers > 0 && !document.hidden) void ask();
}

/** Follows Transmission while the component is shown and the page is visible, as long as there is something to see. */
export function useTransmission(expected: boolean): void {
  useEffect(() => {
    if (!expected) return;
    followers += 1;
    if (followers === 1) {
      document.addEventListener('visibilitychange', askNow);
      askNow();
    }
    return () => {
      followers -= 1;
      if (followers > 0) return;
      document.removeEventListener('visibilitychange', askNow);
      stop();
    };
  }, [expected]);
}
