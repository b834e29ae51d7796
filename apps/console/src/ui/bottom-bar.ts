/** Pixels that the messages and the line below them need. */
const messagesRoom = 160;

/**
 * The ref of a bar at the bottom of the window: messages show above it, wherever the page is scrolled to, and never cover its
 * buttons. A page shows one such bar at most.
 */
export function bottomBar(bar: HTMLElement | null): (() => void) | undefined {
  if (!bar) return undefined;
  const { style } = document.documentElement;
  const place = () => {
    const { top, bottom } = bar.getBoundingClientRect();
    // On a short page the messages have room below the bar.
    if (innerHeight - bottom > messagesRoom) style.removeProperty('--bottom-bar');
    else style.setProperty('--bottom-bar', `${innerHeight - top}px`);
  };
  const observer = new ResizeObserver(place);
  observer.observe(bar);
  observer.observe(document.body);
  addEventListener('scroll', place, { passive: true });
  addEventListener('resize', place);
  return () => {
    observer.disconnect();
    removeEventListener('scroll', place);
    removeEventListener('resize', place);
    style.removeProperty('--bottom-bar');
  };
}
