import { createStore } from '#state/store.ts';

/** Whether the API wants a key that this browser has not shown yet; the frame asks for it then. */
export const signedOut = createStore(false);

let signedInAt = 0;

/** The API refused a call for want of a key; `asked` is when it was sent, as `performance.now()` tells it. */
export function noteRefused(asked: number): void {
  // What was sent before signing in may be answered after it.
  if (asked >= signedInAt) signedOut.set(true);
}

export function noteSignedIn(): void {
  signedInAt = performance.now();
  signedOut.set(false);
}
