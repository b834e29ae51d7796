/** Milliseconds to wait in browsers without `requestIdleCallback`. */
const fallbackDelay = 1_500;

/** Resolves after the first paint, when code that may be needed next can load. */
export const whenIdle = new Promise<void>((resolve) => {
  if (typeof requestIdleCallback === 'function') addEventListener('load', () => requestIdleCallback(() => resolve()));
  else setTimeout(resolve, fallbackDelay);
});
