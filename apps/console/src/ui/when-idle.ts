/** Milliseconds to wait in browsers without `requestIdleCallback`. */
const fallbackDelay = 1_500;

let resolveIdle: () => void;

/** Resolves once the first page is on screen and the browser has nothing else to do: code that may be needed next can load. */
export const whenIdle = new Promise<void>((resolve) => {
  resolveIdle = resolve;
  if (typeof requestIdleCallback !== 'function') setTimeout(resolve, fallbackDelay);
});

/** Call once the first page has its data. Before that, a browser that waits for them counts as idle. */
export function allowIdle(): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolveIdle());
}
