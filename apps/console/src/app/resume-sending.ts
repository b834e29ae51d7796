import { loadCode } from '#live/lazy-part.ts';
import { countEntries } from '#outbox/entry-store.ts';
import { onReconnected } from '#state/connection.ts';

async function resume(): Promise<void> {
  if ((await countEntries()) > 0) await loadCode(() => import('../features/training/browser-review.ts'));
}

/** Sends the unsent writes of closed tabs: now, and after each outage. Loads the outbox only if there are any. */
export function resumeSending(): void {
  void resume();
  onReconnected(resume);
}
