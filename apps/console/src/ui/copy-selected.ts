/** For pages without HTTPS or localhost, which have no clipboard. */
export function copySelected(text: string): void {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  // Inside an open dialog, because the dialog keeps the focus.
  (document.querySelector('[role="dialog"][aria-modal="true"]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  if (!copied) throw new Error('refused');
}
