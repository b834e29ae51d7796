import { Suspense } from 'react';
import { lazyPart } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { whenIdle } from '#ui/when-idle.ts';
import { openings } from './open-dialog.ts';

/** The dialogs of the frame, whose code is loaded after the first paint. */

const load = {
  palette: () => import('./palette.tsx'),
  keys: () => import('./key-list.tsx'),
  more: () => import('./more-drawer.tsx'),
  calls: () => import('./call-list.tsx'),
};

// Loaded early, so that they also open during an outage of the API, which serves the code.
void whenIdle.then(() => Promise.allSettled(Object.values(load).map((one) => one())));

const Palette = lazyPart(load.palette, 'Palette');
const KeyList = lazyPart(load.keys, 'KeyList');
const CallList = lazyPart(load.calls, 'CallList');
const MoreDrawer = lazyPart(load.more, 'MoreDrawer');

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
