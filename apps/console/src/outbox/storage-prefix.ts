/** Under what the outbox keeps each of its writes in localStorage; apart from the outbox, so that asking costs no code. */
export const outboxPrefix = 'outbox.';
