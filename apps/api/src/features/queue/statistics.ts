import { getQueueHistory, getQueueStats, getQueueSummary } from '@at/contracts/queue-status';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import type { SharedCounts } from '#lists/shared-counts.ts';
import { countQueue, findQueueHistory, summariseQueue } from './queries.ts';

/** What pages and scripts poll every few seconds: each answer is shared for up to a second. */
export const queueStatistics: FastifyPluginAsyncTypebox<Pick<Deps, 'db'> & { counts: SharedCounts }> = async (
  app,
  { db, counts },
) => {
  app.route({
    ...getQueueStats,
    handler: async (_request, reply) => {
      const { value, age } = await counts.read('queue stats', () => countQueue(db));
      reply.header('age', Math.round(age));
      return value;
    },
  });

  app.route({
    ...getQueueHistory,
    handler: async (request, reply) => {
      const { hours = 24, days = 30 } = request.query;
      const { value, age } = await counts.read(`queue history ${hours} ${days}`, async () => {
        const [hourly, daily] = await Promise.all([
          findQueueHistory(db, 'hour', hours),
          findQueueHistory(db, 'day', days),
        ]);
        return { hourly, daily };
      });
      reply.header('age', Math.round(age));
      return value;
    },
  });

  app.route({
    ...getQueueSummary,
    handler: async (_request, reply) => {
      const { value, age } = await counts.read('queue summary', () => summariseQueue(db));
      reply.header('age', Math.round(age));
      return value;
    },
  });
};
