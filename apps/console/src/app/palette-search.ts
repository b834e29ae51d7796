import { listMedia } from '@at/contracts/media';
import { longestText } from '@at/contracts/paging';
import { listTraining } from '@at/contracts/training';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';

const debounce = 150;
const each = 6;

/** Titles and media items that match the text. The previous ones stay until the next arrive, or the text is empty. */
export function usePaletteSearch(text: string) {
  const typed = text.trim().slice(0, longestText);
  const [q] = useDebouncedValue(typed, debounce);
  const { data, isFetching } = useQuery(
    {
      queryKey: ['palette', q],
      enabled: q !== '',
      gcTime: 0,
      placeholderData: keepPreviousData,
      queryFn: async ({ signal }) => {
        const args = { query: { q, limit: each, count: 'none' as const }, signal };
        const [titles, items] = await Promise.allSettled([call(listTraining, args), call(listMedia, args)]);
        // The connection banner reports an outage.
        return {
          titles: titles.status === 'fulfilled' ? titles.value.data.data : [],
          items: items.status === 'fulfilled' ? items.value.data.data : [],
        };
      },
    },
    queryClient,
  );
  return { found: typed === '' ? undefined : data, isSearching: typed !== '' && (typed !== q || isFetching) };
}
