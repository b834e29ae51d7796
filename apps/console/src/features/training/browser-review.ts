import { nextWriteId } from '#api/write-id.ts';
import { isOwn, outbox, submit, withdraw } from '#outbox/browser-outbox.ts';
import { createRememberedStore, isBoolean } from '#state/store.ts';
import { isRowWrite } from '#titles/title-changes.ts';
import { setTitleInUrl } from '#titles/title-in-url.ts';
import { recordTotal } from './backlog.ts';
import { createReviewSession } from './review-session.ts';

/** The review of this tab. */

/** Hides the prediction and the label until the user has decided, and what tells them. */
export const blindMode = createRememberedStore('blind-mode', false, isBoolean);

function createVisibleClock(): () => number {
  let hiddenFor = 0;
  let hiddenSince = document.hidden ? performance.now() : undefined;
  document.addEventListener('visibilitychange', () => {
    if (hiddenSince !== undefined) hiddenFor += performance.now() - hiddenSince;
    hiddenSince = document.hidden ? performance.now() : undefined;
  });
  return () => (hiddenSince ?? performance.now()) - hiddenFor;
}

export const openSession = createReviewSession({
  outbox: { ...outbox, submit, withdraw, nextWriteId, isOwn, isRowWrite },
  storage: {
    // Where storage is refused, even naming it throws.
    getItem: (key) => sessionStorage.getItem(key),
    setItem: (key, value) => sessionStorage.setItem(key, value),
  },
  onLeave: (run) => addEventListener('pagehide', run),
  visibleFor: createVisibleClock(),
  isBlind: blindMode.get,
  nameTitleInUrl: setTitleInUrl,
  recordTotal,
});
