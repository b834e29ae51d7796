import { isOutage } from '#api/call.ts';

/** What was shown, if only an outage keeps it from being loaded again: an error in its place would move the rest. */
export const keepDuringOutage = <T>(
  fresh: PromiseSettledResult<T>,
  shown: PromiseSettledResult<T> | undefined,
): PromiseSettledResult<T> =>
  fresh.status === 'rejected' && isOutage(fresh.reason) && shown?.status === 'fulfilled' ? shown : fresh;
