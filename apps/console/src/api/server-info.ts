import { getMeta } from '@at/contracts/system';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from './call.ts';
import { queryClient } from './query-client.ts';

/** Milliseconds for which a reply counts as recent, and a request in flight is shared: one that hangs must not hide an outage. */
const recent = 2_000;
let sentAt = Number.NEGATIVE_INFINITY;

/** The API's version, configuration and database. */
export const serverInfo = queryOptions({
  queryKey: ['server-info'],
  queryFn: async () => {
    sentAt = performance.now();
    return (await call(getMeta, {})).data;
  },
});

type ServerInfo = NonNullable<ReturnType<typeof currentServerInfo>>;
const all = (info: ServerInfo): unknown => info;

/** null until the API has answered once. With `partOf`, the component renders again when that part changes. */
export function useServerInfo(): ServerInfo | null;
export function useServerInfo<Part>(partOf: (info: ServerInfo) => Part): Part | null;
export function useServerInfo(partOf = all): unknown {
  return useQuery({ ...serverInfo, select: partOf }, queryClient).data ?? null;
}

export const currentServerInfo = () => queryClient.getQueryData(serverInfo.queryKey) ?? null;

/** Requests it now. Returns false if that failed; the last known values stay. */
export async function refreshServerInfo(): Promise<boolean> {
  // Callers that wait for the old request get the reply to the new one.
  if (performance.now() - sentAt > recent) void queryClient.cancelQueries(serverInfo, { silent: true });
  return queryClient.fetchQuery({ ...serverInfo, staleTime: 0 }).then(
    () => true,
    () => false,
  );
}

/** Requests it unless there is a recent reply. Throws what `call` throws. */
export const recentServerInfo = () => queryClient.fetchQuery({ ...serverInfo, staleTime: recent });
