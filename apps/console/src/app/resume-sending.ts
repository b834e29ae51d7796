import { outboxPrefix } from '#outbox/storage-prefix.ts';

/** Sends the unsent writes of an earlier visit. Loads the outbox only if there are any. */
export function resumeSending(): void {
  try {
    if (Object.keys(localStorage).some((key) => key.startsWith(outboxPrefix)))
      void import('../features/training/browser-review.ts');
  } catch {
    // Without storage there are no earlier writes.
  }
}
