import { getMediaStats } from '@at/contracts/media';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';

/** Counts of media items. */
export const mediaStats = queryOptions({
  queryKey: keyOf('media-stats'),
  queryFn: async () => (await call(getMediaStats, {})).data,
});
