import { eventTypes } from '@at/contracts/vocabulary';
import { useEffect, useRef } from 'react';
import { useLive } from '#live/live-events.ts';
import { useReload } from '#live/refresh.tsx';
import { useMinute } from '#state/use-minute.ts';

/** Changes come in bursts: the first is waited out for a moment, and the page is not loaded more often than this. */
const pause = { first: 250, between: 3_000, quiet: 30_000 };

/**
 * Loads the page anew, quietly, when something has changed; and each minute, for what no event tells of: how fast things
 * answer, and that midnight has passed.
 */
export function useFollow(): void {
  const reload = useReload();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const loaded = useRef(0);
  useLive(eventTypes, () => {
    if (timer.current !== undefined) return;
    const wait = Math.max(pause.first, loaded.current + pause.between - Date.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      loaded.current = Date.now();
      void reload();
    }, wait);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const minute = useMinute();
  const seen = useRef(minute);
  useEffect(() => {
    if (seen.current === minute) return;
    seen.current = minute;
    if (loaded.current + pause.quiet > Date.now()) return;
    void reload();
  }, [minute, reload]);
}
