import { useEffect } from 'react';
import { createStore } from './store.ts';

/** The request behind what is on the screen, for the API line. */
export const source = createStore<string | null>(null);

/** Names the URL that this page's content came from, as long as the page is shown. */
export function useSource(url: string | null): void {
  useEffect(() => {
    source.set(url);
    return () => source.set((current) => (current === url ? null : current));
  }, [url]);
}
