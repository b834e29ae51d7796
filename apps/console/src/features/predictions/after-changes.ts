import { useEffect, useRef } from 'react';
import { useLive } from '#live/live-events.ts';

/** What the API adds up may be a second old; read sooner, it might not know yet of what has just changed. */
const pause = 1_200;

/**
 * Runs after titles or predictions have changed, whoever changed them: once for many, and surely after the last. What is
 * returned says that they have, where that is known sooner or without events.
 */
export function useAfterChanges(run: () => void): () => void {
  const latest = useRef(run);
  latest.current = run;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const again = useRef(false);
  useEffect(() => () => clearTimeout(timer.current), []);

  const schedule = () => {
    again.current = false;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      latest.current();
      if (again.current) schedule();
    }, pause);
  };
  const changed = () => {
    if (timer.current === undefined) schedule();
    else again.current = true;
  };
  useLive(['title.changed', 'prediction.changed'], changed);
  return changed;
}
