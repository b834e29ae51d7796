import { useEffect } from 'react';
import { createStore } from '#state/store.ts';

/** The request behind what is on the screen, for the API line. */
export const source = createStore<string | null>(null);

/** Of the page, and of what lies over it. */
const named: (string | null)[] = [null, null];

function name(level: 0 | 1, url: string | null): void {
  named[level] = url;
  source.set(named.findLast((one) => one !== null) ?? null);
}

/** Names the URL that content came from, as long as it is shown: a page's (0), or that of what lies over it (1). */
export function useSource(url: string | null, level: 0 | 1 = 0): void {
  useEffect(() => {
    name(level, url);
    return () => {
      if (named[level] === url) name(level, null);
    };
  }, [url, level]);
}
