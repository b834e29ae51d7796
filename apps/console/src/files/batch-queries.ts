import { getFileDashboard } from '@at/contracts/files';
import { getSyncStatus } from '@at/contracts/sync';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';

/** Where files and batches are, and the folders. Free space has no event. */
export const dashboard = queryOptions({
  queryKey: keyOf('files', 'dashboard'),
  queryFn: async ({ signal }) => {
    const { data, url } = await call(getFileDashboard, { signal });
    return { ...data, url };
  },
  refetchInterval: 60_000,
});

/** How far the sync of a batch is; each change of it has an event. */
export const syncOf = (batch: number) =>
  queryOptions({
    queryKey: keyOf('files', 'sync', batch),
    queryFn: async ({ signal }) => (await call(getSyncStatus, { params: { id: String(batch) }, signal })).data,
  });
