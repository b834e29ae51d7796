import { useEffect } from 'react';
import { createStore } from '#state/store.ts';

/** The request of what is on screen, for the API line. */
export const source = createStore<string | null>(null);

/** Of the page, and of a drawer over it. */
const named: (string | null)[] = [null, null];

function name(level: 0 | 1, url: string | null): void {
  named[level] = url;
  source.set(named.findLast((one) => one !== null) ?? null);
}

/** Sets the URL of the content on screen: of a page (0), or of a drawer over it (1). */
export function useSource(url: string | null, level: 0 | 1 = 0): void {
  useEffect(() => {
    name(level, url);
    return () => {
      if (named[level] === url) name(level, null);
    };
  }, [url, level]);
}
