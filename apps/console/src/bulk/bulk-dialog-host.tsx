import type { OperationSubject } from '@at/contracts/bulk';
import { Suspense, useEffect, useRef, useState } from 'react';
import { lazyPart } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { bulkShown, closeBulk, resumeBulk } from './bulk-operation.ts';

const BulkDialog = lazyPart(() => import('./bulk-dialog.tsx'), 'BulkDialog', 'dialog');

/**
 * The place of a page's bulk dialog: outside the list, because the change may empty it. A change that was running before
 * a reload is shown again; without a `subject`, a change of any rows. `onEnded` reloads the changed data.
 */
export function BulkDialogHost({ subject, onEnded }: { subject?: OperationSubject; onEnded: () => void }) {
  const latest = useRef(onEnded);
  latest.current = onEnded;
  const isShown = useStore(bulkShown) !== null;
  const [wasShown, setWasShown] = useState(false);
  if (isShown && !wasShown) setWasShown(true);
  // Leaving the page does not stop the change; its dialog does not appear on another page. The effect is not in the dialog,
  // which mounts with the change on screen: in development React runs its effects twice, and the first clean-up would close it.
  useEffect(() => closeBulk, []);
  useEffect(() => resumeBulk(subject, () => latest.current()), [subject]);
  return <Suspense>{wasShown && <BulkDialog onEnded={() => latest.current()} />}</Suspense>;
}
