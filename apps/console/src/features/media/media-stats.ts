import { getMediaStats } from '@at/contracts/media';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';

/** How many media items there are of each kind. */
export const mediaStats = queryOptions({
  queryKey: keyOf('media-stats'),
  queryFn: async () => (await call(getMediaStats, {})).data,
});
