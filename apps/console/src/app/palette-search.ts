import { listMedia } from '@at/contracts/media';
import { longestText } from '@at/contracts/paging';
import { listTraining } from '@at/contracts/training';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';

const debounce = 150;
const each = 6;

/** Titles, those with exactly this name apart, and media items that match the text. The previous ones stay until the next arrive, or the text is empty. */
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
        const page = { limit: each, count: 'none' as const };
        const args = { query: { q, ...page }, signal };
        const [exact, titles, items] = await Promise.allSettled([
          call(listTraining, { query: { title: q, ...page }, signal }),
          call(listTraining, args),
          call(listMedia, args),
        ]);
        // The connection banner reports an outage.
        const [first = [], others = []] = [exact, titles].map((one) =>
          one.status === 'fulfilled' ? one.value.data.data : [],
        );
        const rest = others.filter(({ imdb_id }) => first.every((title) => title.imdb_id !== imdb_id));
        return {
          exact: first,
          titles: rest.slice(0, each - first.length),
          items: items.status === 'fulfilled' ? items.value.data.data : [],
        };
      },
    },
    queryClient,
  );
  return { found: typed === '' ? undefined : data, isSearching: typed !== '' && (typed !== q || isFetching) };
}
