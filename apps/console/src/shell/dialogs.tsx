import { lazy, Suspense } from 'react';
import { idle } from '#shared/idle.ts';
import { createStore, useStore } from '#shared/store.ts';

/** The dialogs of the frame, whose code is loaded after the first paint. */

const load = {
  palette: () => import('./palette.tsx').then((module) => ({ default: module.Palette })),
  keys: () => import('./key-list.tsx').then((module) => ({ default: module.KeyList })),
  more: () => import('./more-drawer.tsx').then((module) => ({ default: module.MoreDrawer })),
  calls: () => import('./call-list.tsx').then((module) => ({ default: module.CallList })),
};

// So that they open also when the API, which serves the code, is away.
void idle.then(() => Promise.allSettled(Object.values(load).map((one) => one())));

const Palette = lazy(load.palette);
const KeyList = lazy(load.keys);
const CallList = lazy(load.calls);
const MoreDrawer = lazy(load.more);

type Dialog = keyof typeof load;

/** Counts how often each was opened, so that it can be opened again after it has closed itself. */
const openings = createStore<Record<Dialog, number>>({ palette: 0, keys: 0, calls: 0, more: 0 });

export function openDialog(dialog: Dialog): void {
  openings.set((before) => ({ ...before, [dialog]: before[dialog] + 1 }));
}

export function Dialogs() {
  const { palette, keys, calls, more } = useStore(openings);
  return (
    <Suspense>
      {palette > 0 && <Palette opening={palette} />}
      {keys > 0 && <KeyList key={keys} />}
      {more > 0 && <MoreDrawer key={more} />}
      {calls > 0 && <CallList key={calls} />}
    </Suspense>
  );
}
