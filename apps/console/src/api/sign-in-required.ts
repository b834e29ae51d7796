import { createStore } from '#state/store.ts';

/** Whether the API requires a key and no user is signed in; the frame shows the sign-in page. */
export const signedOut = createStore(false);

let signedInAt = 0;

/** The API refused a call without a key; `sentAt` by `performance.now()`. */
export function recordRefused(sentAt: number): void {
  // A call from before signing in may be refused after it.
  if (sentAt >= signedInAt) signedOut.set(true);
}

export function recordSignedIn(): void {
  signedInAt = performance.now();
  signedOut.set(false);
}
