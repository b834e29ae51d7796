import { listMedia, type MediaRow } from '@at/contracts/media';
import { listTraining, type TrainingRow } from '@at/contracts/training';
import { useEffect, useState } from 'react';
import { call } from '#api/call.ts';

/** Searches titles and media items for the text in the palette. */

export type Found = { titles: TrainingRow[]; items: MediaRow[] };

const nothing: Found = { titles: [], items: [] };
const debounce = 150;
const each = 6;
const longest = 500;

/** Results of the API. The previous ones stay until the next arrive, or the text is empty. */
export function usePaletteSearch(text: string): { found: Found; isSearching: boolean } {
  const q = text.trim().slice(0, longest);
  const [answer, setAnswer] = useState({ q: '', found: nothing });
  useEffect(() => {
    if (q === '') return setAnswer({ q, found: nothing });
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      const args = { query: { q, limit: each, count: 'none' as const }, signal: controller.signal };
      const [titles, items] = await Promise.allSettled([call(listTraining, args), call(listMedia, args)]);
      if (controller.signal.aborted) return;
      // The connection banner reports an outage.
      setAnswer({
        q,
        found: {
          titles: titles.status === 'fulfilled' ? titles.value.data.data : [],
          items: items.status === 'fulfilled' ? items.value.data.data : [],
        },
      });
    }, debounce);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [q]);
  return { found: answer.found, isSearching: answer.q !== q };
}
