import { notify, notifyError } from './notify.tsx';

/** For pages without HTTPS or localhost, which have no clipboard. */
function copySelected(text: string): void {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  // Inside an open dialog, because the dialog keeps the focus.
  (document.querySelector('[role="dialog"][aria-modal="true"]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  if (!copied)
    throw new Error('The browser refuses the clipboard on this address. Select the text and copy it by hand.');
}

/** Copies text to the clipboard and shows a message. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copySelected(text);
    notify(`${what} copied`);
  } catch (error) {
    notifyError(`${what} could not be copied`, error);
  }
}
