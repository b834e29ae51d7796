import { outboxPrefix } from '#outbox/storage-prefix.ts';

/** Sends what an earlier visit has left unsent, whichever page is opened; without any, no code is loaded for it. */
export function resumeSending(): void {
  try {
    if (Object.keys(localStorage).some((key) => key.startsWith(outboxPrefix)))
      void import('../features/training/review-session.ts');
  } catch {
    // Without storage nothing outlives a visit.
  }
}
