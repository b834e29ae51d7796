import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { keyOf } from '#live/invalidations.ts';

/** The number of unreviewed films, which the navigation loads (`backlog-count.ts`); undefined until it is known. */
export const useKnownBacklog = () =>
  useQuery<number | null>({ queryKey: keyOf('backlog'), enabled: false }, queryClient).data ?? undefined;
