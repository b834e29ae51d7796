import { Suspense, useRef } from 'react';
import { useLocation } from 'react-router';
import { lazyPart } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { openings } from './open-dialog.ts';

/** The dialogs of the frame. */

const Palette = lazyPart(() => import('./palette.tsx'), 'Palette', 'dialog');
const KeyList = lazyPart(() => import('./key-list.tsx'), 'KeyList', 'dialog');
const MoreDrawer = lazyPart(() => import('./more-drawer.tsx'), 'MoreDrawer', 'dialog');
const CallList = lazyPart(() => import('./call-list.tsx'), 'CallList', 'dialog');
const RunDrawer = lazyPart(() => import('#runs/run-drawer.tsx'), 'RunDrawer', 'dialog');

export function Dialogs() {
  const { palette, keys, calls, more } = useStore(openings);
  const run = new URLSearchParams(useLocation().search).get('run');
  // It stays to give the focus back when it closes.
  const hasRun = useRef(false);
  hasRun.current ||= run !== null;
  return (
    <Suspense>
      {palette > 0 && <Palette opening={palette} />}
      {keys > 0 && <KeyList key={keys} />}
      {more > 0 && <MoreDrawer key={more} />}
      {hasRun.current && <RunDrawer id={run} />}
      {calls > 0 && <CallList key={calls} />}
    </Suspense>
  );
}
