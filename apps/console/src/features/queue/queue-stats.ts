import { getQueueStats, type QueueStats } from '@at/contracts/queue-status';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';

/** Items by status. */
export const queueStats = queryOptions({
  queryKey: keyOf('queue-stats'),
  queryFn: async () => (await call(getQueueStats, {})).data,
});

/** How many failed files need a person: the others are retried without one. */
export const needYou = ({ error, error_waiting }: QueueStats) => error - error_waiting;
