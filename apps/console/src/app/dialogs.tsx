import { Suspense } from 'react';
import { lazyPart } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { openings } from './open-dialog.ts';

/** The dialogs of the frame. */

const Palette = lazyPart(() => import('./palette.tsx'), 'Palette', 'dialog');
const KeyList = lazyPart(() => import('./key-list.tsx'), 'KeyList', 'dialog');
const MoreDrawer = lazyPart(() => import('./more-drawer.tsx'), 'MoreDrawer', 'dialog');
const CallList = lazyPart(() => import('./call-list.tsx'), 'CallList', 'dialog');

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
