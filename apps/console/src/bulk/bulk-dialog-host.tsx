import type { OperationSubject } from '@at/contracts/bulk';
import { Suspense, useEffect, useRef, useState } from 'react';
import { lazyPart } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { bulkShown, resumeBulk } from './bulk-operation.ts';

const BulkDialog = lazyPart(() => import('./bulk-dialog.tsx'), 'BulkDialog');

/**
 * Where a page shows the change of many of its rows: outside of the list, which the change may empty. What still ran
 * when the page was loaded anew is shown again; without a `subject`, whatever its rows were. `onEnded` reads anew what was
 * changed.
 */
export function BulkDialogHost({ subject, onEnded }: { subject?: OperationSubject; onEnded: () => void }) {
  const latest = useRef(onEnded);
  latest.current = onEnded;
  const isShown = useStore(bulkShown) !== null;
  const [wasShown, setWasShown] = useState(false);
  if (isShown && !wasShown) setWasShown(true);
  useEffect(() => resumeBulk(subject, () => latest.current()), [subject]);
  return <Suspense>{wasShown && <BulkDialog onEnded={() => latest.current()} />}</Suspense>;
}
