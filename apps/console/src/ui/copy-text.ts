import { notify, notifyError } from './notify.tsx';
import { uiTexts } from './texts.ts';

/** Copies text to the clipboard and shows a message; with the text, where the browser refuses. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else (await import('./copy-selected.ts')).copySelected(text);
    notify(uiTexts.copied(what));
  } catch {
    notifyError(uiTexts.notCopied(what), text);
  }
}
