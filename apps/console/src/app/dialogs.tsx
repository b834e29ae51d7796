import { Suspense } from 'react';
import { part } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { idle } from '#ui/when-idle.ts';
import { openings } from './open-dialog.ts';

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
