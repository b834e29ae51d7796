import type { Event } from '@at/contracts/events';
import type { EventType } from '@at/contracts/vocabulary';
import { notify } from '#ui/notify.tsx';
import { onLive } from './live-events.ts';
import { throttle } from './throttle.ts';

type Watch = {
  types: readonly EventType[];
  /** Whether an event may concern the change; any may, unless this is given. */
  concerns?: (event: Event) => boolean;
  /** Asks the API whether it can still be undone. */
  canUndo: () => Promise<boolean>;
};

/** Milliseconds between two requests for one message. */
const every = 500;

/** Runs `onOver` once the API says that a change cannot be undone any more. Returns how to stop. */
export function watchUndo({ types, concerns = () => true, canUndo }: Watch, onOver: () => void): () => void {
  const check = throttle(
    async () => {
      if (await canUndo()) return;
      stop();
      onOver();
    },
    { every },
  );
  const unsubscribe = onLive(types, (event) => {
    if (event.type === 'reset' || concerns(event)) check.request();
  });
  const stop = () => {
    unsubscribe();
    check.stop();
  };
  return stop;
}

/**
 * Shows what happened, with Undo. The message closes once the change was undone in another way, such as in another tab.
 * Returns what closes it.
 */
export function notifyWithUndo(message: string, undo: () => void, watch: Watch): () => void {
  const stop = watchUndo(watch, () => close());
  const close = notify(message, undo, stop);
  return close;
}
