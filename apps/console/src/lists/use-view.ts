import { startTransition, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useLocation, useNavigate, useNavigation } from 'react-router';
import { keyInBar } from './use-url-values.ts';

/** Changes the view; `replace` replaces the current entry of the browser's history. */
export type ChangeView<View> = (changes: Partial<View>, options?: { replace?: boolean }) => void;

type Definition<View> = {
  read: (parameters: URLSearchParams) => View;
  write: (view: View) => URLSearchParams;
  /** Part of every change, unless the change sets it. */
  firstPage: Partial<View>;
};

/**
 * The view of the latest change, also while its rows load: controls show it at once, and the next change builds on it.
 * `loaded` is the view of the content on screen. A navigation that finishes late does not set the view back.
 */
export function useView<View extends object>(
  loaded: View,
  { read, write, firstPage }: Definition<View>,
): {
  view: View;
  change: ChangeView<View>;
  /** Shows a view that only the next change writes into the URL: that of a slider which still moves. */
  preview: (changes: Partial<View>) => void;
} {
  const navigate = useNavigate();
  const { pathname, key } = useLocation();
  const { location: next } = useNavigation();
  const [view, setView] = useState(loaded);
  const latest = useRef(loaded);
  const previewed = useRef<Partial<View>>(undefined);
  /** Changes made here, and how many of them have loaded or were replaced by another navigation. */
  const changes = useRef({ made: 0, settled: 0 });
  /** Renders again; the references are what counts, because this can be rendered after the next navigation. */
  const [settled, settle] = useState(0);

  const upcoming = next?.pathname === pathname ? next.search : undefined;
  const located = useMemo(
    () => (upcoming === undefined ? loaded : read(new URLSearchParams(upcoming))),
    [loaded, upcoming, read],
  );
  const show = (shown: View) => {
    latest.current = shown;
    setView(shown);
  };
  useLayoutEffect(() => {
    if (changes.current.settled !== changes.current.made) return;
    // The address bar is ahead: a navigation before the latest change can be rendered late.
    if (key !== keyInBar()) return;
    show(previewed.current ? { ...located, ...previewed.current } : located);
  }, [located, settled, upcoming, key]);

  const change: ChangeView<View> = (changed, options) => {
    show({ ...latest.current, ...firstPage, ...changed });
    previewed.current = undefined;
    changes.current.made += 1;
    const own = changes.current.made;
    // A new page starts at its top; a new filter does not scroll.
    const preventScrollReset = !('offset' in changed);
    const navigation = navigate({ search: `${write(latest.current)}` }, { ...options, preventScrollReset });
    // In a transition, as the update of the router.
    void Promise.resolve(navigation).finally(() => {
      changes.current.settled = Math.max(changes.current.settled, own);
      startTransition(() => settle(changes.current.settled));
    });
  };
  const preview = (changed: Partial<View>) => {
    previewed.current = { ...previewed.current, ...changed };
    show({ ...latest.current, ...changed });
  };
  return { view, change, preview };
}
