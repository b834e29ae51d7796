let made = 0;

/** An id for a write, unique among all tabs and browsers: its Idempotency-Key. Later ones of a page sort later. */
export function nextWriteId(): string {
  made += 1;
  // crypto.randomUUID() needs HTTPS or localhost.
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const parts = [Date.now(), Math.floor(performance.now() * 1000), made, random];
  return parts.map((part) => part.toString(36)).join('-');
}
