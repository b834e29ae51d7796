import { getTransmission, type MediaRow, type Torrent, type TransmissionState } from '@at/contracts/media';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call, isOutage } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { pollInterval, torrentOf } from './torrent-poll-interval.ts';

/** When data last came in for a torrent, as far as this page has seen it, in milliseconds since 1970. */
const moved = new Map<string, number>();
export const lastMoved = (hash: string): number => moved.get(hash) ?? 0;

/** The torrents of media items in Transmission, polled while a component shows progress and the page is visible. */
const torrents = queryOptions({
  queryKey: ['torrents'],
  queryFn: async ({ signal }): Promise<TransmissionState | null> => {
    try {
      const { data } = await call(getTransmission, { signal });
      for (const { hash, rate_download } of data.data) if (rate_download > 0) moved.set(hash, Date.now());
      return data;
    } catch (error) {
      // During an outage the progress stays as old as the rows around it.
      if (signal.aborted || isOutage(error)) throw error;
      return null;
    }
  },
  staleTime: 2_000,
  refetchInterval: ({ state }) => pollInterval(state.data ?? null) ?? false,
  refetchOnWindowFocus: true,
});

/** Polls while the component is shown and `expected` is true. */
export function usePolledTorrents(expected: boolean): void {
  useQuery({ ...torrents, enabled: expected, notifyOnChangeProps: [] }, queryClient);
}

/** null: not known. */
export const useTransmission = (): TransmissionState | null =>
  useQuery({ ...torrents, enabled: false }, queryClient).data ?? null;

export const useTorrent = (item: MediaRow): Torrent | null =>
  useQuery({ ...torrents, enabled: false, select: (state) => torrentOf(state, item) ?? null }, queryClient).data ??
  null;

/** The hashes of all torrents that Transmission has. */
export const useTorrentHashes = (): readonly string[] =>
  useQuery({ ...torrents, enabled: false, select: (state) => state?.data.map(({ hash }) => hash) ?? [] }, queryClient)
    .data ?? [];

export const refreshTorrents = (): void => void queryClient.invalidateQueries(torrents);
