/** Of the outbox's keys in localStorage. A file of its own, so that looking for unsent writes does not load the outbox. */
export const outboxPrefix = 'outbox.';
