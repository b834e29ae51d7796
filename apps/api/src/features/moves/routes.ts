import { undoFileMoves } from '@at/contracts/moves';
import type { DB } from '@at/db/schema';
import { transactOnce } from '@at/domain/idempotency';
import { startUndo } from '@at/domain/moves/starts';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { once } from '#http/idempotency.ts';
import { actorOf } from '#request/actor.ts';
import { refusalOf } from './errors.ts';

export const moveRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { runs, writes }) => {
  app.route({
    ...undoFileMoves,
    handler: async (request, reply) => {
      const { run } = request.params;
      const { move } = request.body;
      const { outcome } = await once(request, reply, (writeId) =>
        transactOnce(
          (work) => writes.transaction('the moves', work),
          writeId,
          async (trx) => {
            const { id, files } = await startUndo(trx as Transaction<DB>, runs, { run, move }, actorOf(request));
            const message = `${files} ${files === 1 ? 'file is' : 'files are'} being moved back`;
            return { success: true as const, message, run_id: id, files };
          },
        ),
      ).catch((error: unknown) => {
        throw refusalOf(error);
      });
      reply.code(202);
      return outcome;
    },
  });
};
