import styles from './tooltip.module.css';

/**
 * The tooltip of the page. It shows the `data-tooltip` of what the mouse is on or what keys have the focus on;
 * `data-tooltip-touch`: after a tap too; `data-tooltip-at`: at this side instead of above. One for all: a component around
 * each element would be most of what a list renders.
 */
type Side = 'top' | 'right' | 'bottom' | 'left';

/** The distance from the element, and from the edges of the screen. */
const gap = 5;
const edge = 8;

/** Before the element or after it, as asked, or where there is room. */
function outside(before: boolean, start: number, end: number, size: number, room: number): number {
  const [first, last] = [start - gap - size, end + gap];
  return (before ? first >= 0 : last + size > room) ? first : last;
}

const centred = (start: number, end: number, size: number, room: number) =>
  Math.max(edge, Math.min((start + end - size) / 2, room - size - edge));

/** Moves what is fixed on the screen beside an element; hidden while that is outside the screen. */
export function placeBeside(fixed: HTMLElement, element: Element, side: Side = 'top'): void {
  const { top, right, bottom, left } = element.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const x = [left, right, fixed.offsetWidth, clientWidth] as const;
  const y = [top, bottom, fixed.offsetHeight, clientHeight] as const;
  const isBeside = side === 'left' || side === 'right';
  fixed.style.left = `${Math.round(isBeside ? outside(side === 'left', ...x) : centred(...x))}px`;
  fixed.style.top = `${Math.round(isBeside ? centred(...y) : outside(side === 'top', ...y))}px`;
  fixed.style.visibility = bottom < 0 || top > clientHeight ? 'hidden' : '';
}

const ownerOf = ({ target }: Event) =>
  target instanceof Element ? target.closest<HTMLElement>('[data-tooltip]') : null;

/** Starts listening; called once. */
export function showTooltips(): void {
  const bubble = document.createElement('div');
  bubble.id = 'tooltip';
  bubble.role = 'tooltip';
  bubble.className = styles.tooltip ?? '';
  let shown: HTMLElement | null = null;
  let hovered: HTMLElement | null = null;
  let focused: HTMLElement | null = null;
  let isTouch = false;

  const update = () => {
    const text = shown?.isConnected ? shown.dataset.tooltip : undefined;
    if (!shown || !text) return show(null);
    bubble.textContent = text;
    placeBeside(bubble, shown, shown.dataset.tooltipAt as Side | undefined);
    // A name is not read twice.
    if (text !== (shown.getAttribute('aria-label') ?? shown.textContent))
      shown.setAttribute('aria-describedby', bubble.id);
  };
  const changes = new MutationObserver(update);
  function show(next: HTMLElement | null): void {
    if (shown === next) return;
    shown?.removeAttribute('aria-describedby');
    shown = next;
    changes.disconnect();
    bubble.remove();
    if (!next) return;
    document.body.append(bubble);
    update();
    changes.observe(next, { attributeFilter: ['data-tooltip'] });
    // An element that is removed under the mouse has no event.
    for (let at = next.parentElement; at; at = at.parentElement) changes.observe(at, { childList: true });
  }
  /** The mouse may go over the tooltip, and presses what is below it: rows are close to each other. */
  const isOver = ({ clientX, clientY }: MouseEvent) => {
    const { left, right, top, bottom, width } = bubble.getBoundingClientRect();
    const isInside = left - gap < clientX && clientX < right + gap && top - gap < clientY && clientY < bottom + gap;
    return width > 0 && isInside;
  };
  const hover = (next: HTMLElement | null) => {
    // Dismissed, it stays away until the mouse comes back.
    if (next === hovered) return;
    hovered = next;
    show(isTouch && next && !('tooltipTouch' in next.dataset) ? null : (next ?? focused));
  };

  const on = <K extends keyof DocumentEventMap>(type: K, listener: (event: DocumentEventMap[K]) => void) =>
    document.addEventListener(type, listener, { capture: true, passive: true });
  on('pointerover', ({ pointerType }) => {
    isTouch = pointerType === 'touch';
  });
  // A tap has a mouse event after it, and the end of a touch has none: what it shows stays.
  for (const type of ['mouseover', 'mousemove'] as const) on(type, (event) => isOver(event) || hover(ownerOf(event)));
  on('mouseout', ({ relatedTarget }) => relatedTarget === null && hover(null));
  on('focusin', (event) => {
    focused = (event.target as Element).matches(':focus-visible') ? ownerOf(event) : null;
    if (focused) show(focused);
  });
  on('focusout', () => {
    if (shown === focused) show(null);
    focused = null;
  });
  on('pointerdown', ({ target }) => {
    // A tap where nothing can be pressed has no mouse event on an iPhone: the next one on the element counts again.
    if (isTouch) hovered = null;
    if (!shown?.contains(target as Node)) show(null);
  });
  on('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    focused = null;
    show(null);
  });
  on('scroll', update);
  addEventListener('resize', update);
}
