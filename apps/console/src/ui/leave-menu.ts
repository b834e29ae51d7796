/**
 * Moves the focus from an open menu to its button. A dialog gives the focus back to where it was when it opened, and the
 * items of the menu are gone by then.
 */
export function leaveMenu(): void {
  const menu = document.activeElement?.closest('[role="menu"]');
  document.getElementById(menu?.getAttribute('aria-labelledby') ?? '')?.focus({ preventScroll: true });
}
