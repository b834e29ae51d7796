import { notify, notifyError } from './notify.tsx';

/** Puts text on the clipboard and says so. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify(`${what} copied`);
  } catch (error) {
    notifyError(`${what} could not be copied; the browser refuses the clipboard on this address`, error);
  }
}
