/** Where the browser cannot say that it is idle. */
const guess = 1_500;

/** Settles when what is to be seen first has been drawn: the time for what may be needed next. */
export const whenIdle = new Promise<void>((resolve) => {
  if (typeof requestIdleCallback === 'function') addEventListener('load', () => requestIdleCallback(() => resolve()));
  else setTimeout(resolve, guess);
});
