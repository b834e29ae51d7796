/** Marks the start of a list for `revealList`. */
export const listStart = { 'data-list': true } as const;

/** Scrolls to the list if it starts below the middle of the window, as on a phone: a filter above it would show no effect. */
export function revealList(): void {
  const list = document.querySelector('[data-list]');
  if (list && list.getBoundingClientRect().top > innerHeight / 2) list.scrollIntoView();
}
