import { advancePipeline, getPipelineStatus, startPipeline } from '@at/contracts/pipeline';
import { noteFileAct } from '@at/domain/activity/writes';
import { startPipeline as start } from '@at/domain/pipeline/starts';
import { readPipelineConfig } from '@at/domain/pipeline-config/queries';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { ApiError } from '#http/api-error.ts';
import { transactFor } from '#http/idempotency.ts';
import { startFor } from '#http/start-run.ts';
import { actorOf } from '#request/actor.ts';
import { findHeldStep, findLatestPipeline } from './queries.ts';
import { pipelineStatus } from './rules.ts';

export const pipelineRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db, writes, runs }) => {
  const place = { writes, what: 'the file pipeline' };

  app.route({
    ...startPipeline,
    handler: async (request, reply) => {
      const { outcome } = await startFor(request, reply, { ...place, action: 'start-pipeline' }, (trx, starter) =>
        start(trx, runs, starter),
      );
      return outcome;
    },
  });

  app.route({
    ...getPipelineStatus,
    handler: async () => {
      const { workflow } = await readPipelineConfig(db);
      return pipelineStatus(await findLatestPipeline(db), workflow.debug);
    },
  });

  app.route({
    ...advancePipeline,
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { outcome } = await transactFor(request, reply, place, async (trx) => {
        const held = await findHeldStep(trx);
        if (!held)
          throw new ApiError(
            409,
            'Not waiting',
            'No step of the file pipeline waits to be continued. GET /api/workflow/status says what it does.',
          );
        await runs.approve(trx, held.run, held.step, actor.name);
        await noteFileAct(trx, actor, 'run-approve', { run: held.run });
        return { advanced: held.step, run_id: held.run };
      });
      return outcome;
    },
  });
};
