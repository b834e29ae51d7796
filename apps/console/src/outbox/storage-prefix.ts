/** Prefix of the outbox's keys in localStorage. A separate file, so that a check for unsent writes does not load the outbox. */
export const outboxPrefix = 'outbox.';
