import { Suspense } from 'react';
import { idle } from '#shared/idle.ts';
import { part } from '#shared/part.ts';
import { createStore, useStore } from '#shared/store.ts';

/** The dialogs of the frame, whose code is loaded after the first paint. */

const load = {
  palette: () => import('./palette.tsx'),
  keys: () => import('./key-list.tsx'),
  more: () => import('./more-drawer.tsx'),
  calls: () => import('./call-list.tsx'),
};

// So that they open also when the API, which serves the code, is away.
void idle.then(() => Promise.allSettled(Object.values(load).map((one) => one())));

const Palette = part(load.palette, 'Palette');
const KeyList = part(load.keys, 'KeyList');
const CallList = part(load.calls, 'CallList');
const MoreDrawer = part(load.more, 'MoreDrawer');

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
