import { cleanUpFiles, undoFileMoves } from '@at/contracts/moves';
import type { DB } from '@at/db/schema';
import { startCleanup } from '@at/domain/files/starts';
import type { FilesCleaned } from '@at/domain/files/tasks/cleanup';
import { transactOnce } from '@at/domain/idempotency';
import { startUndo } from '@at/domain/moves/starts';
import { noteFileAct } from '@at/domain/queue/writes';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { once } from '#http/idempotency.ts';
import { actorOf } from '#request/actor.ts';
import { cleanupFailed, refusalOf } from './errors.ts';

export const moveRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { runs, writes } = deps;
  const waiting = new Waiting(app, deps);

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
            await noteFileAct(trx as Transaction<DB>, actorOf(request), 'undo-moves', { run: id });
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

  app.route({
    ...cleanUpFiles,
    handler: async (request, reply) => {
      const { dry_run = false } = request.body;
      const starter = { trigger: 'manual', actor: actorOf(request) } as const;
      const { outcome, afterwards } = await once(request, reply, (writeId) =>
        transactOnce(
          (work) => writes.transaction('the cleanup', work),
          writeId,
          async (trx) => {
            const { id, joined } = await startCleanup(trx as Transaction<DB>, runs, { starter, dry_run, purges: true });
            if (!joined && !dry_run)
              await noteFileAct(trx as Transaction<DB>, actorOf(request), 'start-cleanup', { run: id });
            return { success: true as const, run_id: id };
          },
        ),
      );
      const { state, error, output } = await waiting.outcomeOf(reply, outcome.run_id, afterwards);
      if (error !== null) throw cleanupFailed(outcome.run_id, error);
      reply.code(state === 'completed' ? 200 : 202);
      const {
        removed_batch_dirs = 0,
        deleted_temp_files = 0,
        purged_files = 0,
        left_alone = [],
      } = (output ?? {}) as Partial<FilesCleaned>;
      const message =
        state === 'completed'
          ? `${dry_run ? 'Would remove' : 'Removed'} ${removed_batch_dirs} directories of batches, ${deleted_temp_files} temporary files and ${purged_files} files in quarantine`
          : 'The cleanup goes on';
      const counts = { removed_batch_dirs, deleted_temp_files, purged_files, rotated_logs: 0, left_alone };
      return { ...outcome, message, dry_run, ...counts };
    },
  });
};
