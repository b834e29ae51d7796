/** Marks the begin of a list: what filters it from above brings it into view. */
export const listStart = { 'data-list': true } as const;

/** Scrolls to the list where what was pressed has the window, as on a phone: else what it filters stays out of sight. */
export function revealList(): void {
  const list = document.querySelector('[data-list]');
  if (list && list.getBoundingClientRect().top > innerHeight / 2) list.scrollIntoView();
}
