import { notify, notifyError } from './notify.tsx';
import { uiTexts } from './texts.ts';

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
  if (!copied) throw new Error('refused');
}

/** Copies text to the clipboard and shows a message; with the text, where the browser refuses. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copySelected(text);
    notify(uiTexts.copied(what));
  } catch {
    notifyError(uiTexts.notCopied(what), text);
  }
}
