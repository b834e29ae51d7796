import { lazy, Suspense } from 'react';
import { createStore, useStore } from '#shared/store.ts';

/** The dialogs of the frame, whose code is loaded when one is first opened. */

const Palette = lazy(() => import('./palette.tsx').then((module) => ({ default: module.Palette })));
const KeyList = lazy(() => import('./key-list.tsx').then((module) => ({ default: module.KeyList })));
const CallList = lazy(() => import('./call-list.tsx').then((module) => ({ default: module.CallList })));

type Dialog = 'palette' | 'keys' | 'calls';

/** Counts how often each was opened, so that it can be opened again after it has closed itself. */
const openings = createStore<Record<Dialog, number>>({ palette: 0, keys: 0, calls: 0 });

export function openDialog(dialog: Dialog): void {
  openings.set((before) => ({ ...before, [dialog]: before[dialog] + 1 }));
}

export function Dialogs() {
  const { palette, keys, calls } = useStore(openings);
  return (
    <Suspense>
      {palette > 0 && <Palette opening={palette} />}
      {keys > 0 && <KeyList key={keys} />}
      {calls > 0 && <CallList key={calls} />}
    </Suspense>
  );
}
