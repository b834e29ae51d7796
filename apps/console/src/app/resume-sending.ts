import { countEntries } from '#outbox/entry-store.ts';

/** Sends the unsent writes of closed tabs and earlier visits. Loads the outbox only if there are any. */
export async function resumeSending(): Promise<void> {
  if ((await countEntries()) > 0) await import('../features/training/browser-review.ts');
}
