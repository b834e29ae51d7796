import { notifyError } from '#ui/notify.tsx';
import { sessionTexts } from './session.texts.ts';
import { signOut } from './session.ts';

/** Signs out, or reports why that failed. */
export function signOutOrNotify(): void {
  signOut().catch((error: unknown) => notifyError(sessionTexts.signOutFailed, error));
}
