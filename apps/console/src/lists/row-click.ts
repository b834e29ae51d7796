import type { MouseEvent } from 'react';

/** What has a meaning of its own in a row. */
const operable = 'a, button, input, label, select, textarea, summary, [role="menu"], [data-own-click]';

/**
 * The properties of a row that opens by a click anywhere on it: not on what it contains to press, not through a menu above
 * it, not while text is being selected, and once for a double click. Keys open it by its link or button.
 */
export const opensByClick = (open: () => void) => ({
  'data-opens': true,
  onClick: (event: MouseEvent<HTMLElement>) => {
    const { currentTarget: row, target, detail } = event;
    const isOwn = target instanceof Element && row.contains(target) && target.closest(operable) === null;
    if (!isOwn || detail > 1 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const selection = getSelection();
    if (selection && !selection.isCollapsed && selection.containsNode(target, true)) return;
    open();
  },
});
