/** Marks what a double click presses once: the second click would be an answer to something else. */
export const once = { 'data-once': true } as const;

function onClick(event: MouseEvent): void {
  if (event.detail > 1 && event.target instanceof Element && event.target.closest('[data-once]')) {
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Starts listening; called once. */
export function ignoreSecondClicks(): void {
  addEventListener('click', onClick, true);
}
