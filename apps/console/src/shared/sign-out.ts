import { notifyError } from './notify.tsx';
import { signOut } from './session.ts';
import { sessionTexts } from './texts/session.ts';

/** Signs out, and says so where that failed. */
export function leave(): void {
  signOut().catch((error: unknown) => notifyError(sessionTexts.signOutFailed, error));
}
