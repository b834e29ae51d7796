import { listMediaErrors } from '@at/contracts/media';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';

/** Errors by cause. */
export const mediaErrors = queryOptions({
  queryKey: keyOf('media-errors'),
  queryFn: async () => (await call(listMediaErrors, {})).data,
});
