import { outboxPrefix } from '#outbox/storage-prefix.ts';

/** Sends the unsent writes of an earlier visit; without any, it loads no code. */
export function resumeSending(): void {
  try {
    if (Object.keys(localStorage).some((key) => key.startsWith(outboxPrefix)))
      void import('../features/training/browser-review.ts');
  } catch {
    // Without storage nothing is left from an earlier visit.
  }
}
