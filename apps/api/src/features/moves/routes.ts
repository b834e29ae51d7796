import { cleanUpFiles, undoFileMoves } from '@at/contracts/moves';
import { noteFileAct } from '@at/domain/activity/writes';
import { startCleanup } from '@at/domain/files/starts';
import type { FilesCleaned } from '@at/domain/files/tasks/cleanup';
import { startUndo } from '@at/domain/moves/starts';
import { isPipeline, startPipelineUndo } from '@at/domain/pipeline/undo';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { transactFor } from '#http/idempotency.ts';
import { startFor } from '#http/start-run.ts';
import { actorOf } from '#request/actor.ts';

export const moveRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { runs, writes } = deps;
  const waiting = new Waiting(app, deps);

  app.route({
    ...undoFileMoves,
    handler: async (request, reply) => {
      const { run } = request.params;
      const { move } = request.body;
      const actor = actorOf(request);
      const { outcome } = await transactFor(request, reply, { writes, what: 'the moves' }, async (trx) => {
        const { id, files } =
          move === undefined && (await isPipeline(trx, run))
            ? await startPipelineUndo(trx, runs, run, actor)
            : await startUndo(trx, runs, { run, move }, actor);
        await noteFileAct(trx, actor, 'undo-moves', { run: id });
        const message = `${files} ${files === 1 ? 'file is' : 'files are'} being moved back`;
        return { success: true as const, message, run_id: id, files };
      });
      reply.code(202);
      return outcome;
    },
  });

  app.route({
    ...cleanUpFiles,
    handler: async (request, reply) => {
      const { dry_run = false } = request.body;
      const start = { writes, what: 'the cleanup', action: dry_run ? null : ('start-cleanup' as const) };
      const { outcome, afterwards } = await startFor(request, reply, start, (trx, starter) =>
        startCleanup(trx, runs, { starter, dry_run, purges: true }),
      );
      const { run_id } = outcome;
      const cleaned = await waiting.outputOf<FilesCleaned>(reply, run_id, afterwards);
      const { removed_batch_dirs = 0, deleted_temp_files = 0, purged_files = 0, left_alone = [] } = cleaned ?? {};
      const { forgotten_batches = 0, forgotten_files = 0 } = cleaned ?? {};
      const forgotten = { forgotten_batches, forgotten_files };
      const counts = {
        removed_batch_dirs,
        deleted_temp_files,
        purged_files,
        ...forgotten,
        rotated_logs: 0,
        left_alone,
      };
      const message = cleaned
        ? `${dry_run ? 'Would remove' : 'Removed'} ${removed_batch_dirs} directories of batches, ${deleted_temp_files} temporary files and ${purged_files} files in quarantine`
        : 'The cleanup goes on';
      return { success: true as const, run_id, message, dry_run, ...counts };
    },
  });
};
