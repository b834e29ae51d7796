import { startTransition, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useLocation, useNavigate, useNavigation } from 'react-router';

/** Asks for another view; `replace` leaves the one before out of the history. */
export type ChangeView<View> = (changes: Partial<View>, options?: { replace?: boolean }) => void;

type Address<View> = {
  read: (parameters: URLSearchParams) => View;
  write: (view: View) => URLSearchParams;
  /** What every change says of paging unless it says otherwise: that the list begins anew. */
  firstPage?: Partial<View>;
};

/**
 * The view that a page was asked for last, also while its rows are still on their way: controls show it at once, and a
 * change made meanwhile builds on it. `loaded` is the one that the page's content belongs to. An address that was asked
 * for earlier and arrives late does not push the view back.
 */
export function useView<View extends object>(
  loaded: View,
  { read, write, firstPage }: Address<View>,
): {
  view: View;
  change: ChangeView<View>;
  /** Shows what the address is told with the next change: that of a slider which still moves. */
  preview: (changes: Partial<View>) => void;
} {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { location: next } = useNavigation();
  const [view, setView] = useState(loaded);
  const latest = useRef(loaded);
  const previewed = useRef<Partial<View>>(undefined);
  /** Counts what was asked for here, and how much of that has arrived or was overtaken by a link, or by going back. */
  const asked = useRef(0);
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
    if (settled === asked.current) show(previewed.current ? { ...located, ...previewed.current } : located);
  }, [located, settled]);

  const change: ChangeView<View> = (changes, options) => {
    show({ ...latest.current, ...firstPage, ...changes });
    previewed.current = undefined;
    asked.current += 1;
    const own = asked.current;
    // Another page is read from its top; a filter is changed where the hand is.
    const preventScrollReset = !('offset' in changes);
    const going = navigate({ search: `${write(latest.current)}` }, { ...options, preventScrollReset });
    // In a transition, so that it is not known before what the router brings.
    void Promise.resolve(going).finally(() => startTransition(() => settle((before) => Math.max(before, own))));
  };
  const preview = (changes: Partial<View>) => {
    previewed.current = { ...previewed.current, ...changes };
    show({ ...latest.current, ...changes });
  };
  return { view, change, preview };
}
