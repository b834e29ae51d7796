/**
 * Details that a user has just opened come into view, also as they load, until the next press, key or turn of the wheel.
 * Those that an address opens stay where the page is.
 */
export function revealDetails(id: string): void {
  const details = document.getElementById(id);
  const row = details?.closest('[data-opens]') ?? details?.previousElementSibling;
  if (!details || !row) return;
  // Below their row, above a bar at the bottom of the window.
  const above = details.getBoundingClientRect().top - row.getBoundingClientRect().top;
  details.style.scrollMargin = `${above}px 0 calc(var(--bottom-bar, var(--line-height)) + 12px)`;
  const observer = new ResizeObserver(() => details.scrollIntoView({ block: 'nearest' }));
  observer.observe(details);
  for (const type of ['pointerdown', 'keydown', 'wheel'])
    addEventListener(type, () => observer.disconnect(), { capture: true, once: true });
}
