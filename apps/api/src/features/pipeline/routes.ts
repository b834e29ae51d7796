import { advancePipeline, getPipelineStatus, startPipeline } from '@at/contracts/pipeline';
import type { DB } from '@at/db/schema';
import { readPipelineConfig } from '@at/domain/files/places';
import { transactOnce } from '@at/domain/idempotency';
import { startPipeline as start } from '@at/domain/pipeline/starts';
import { noteFileAct } from '@at/domain/queue/writes';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Kysely, Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { ApiError } from '#http/api-error.ts';
import { once } from '#http/idempotency.ts';
import { actorOf } from '#request/actor.ts';
import { findHeldStep, findLatestPipeline } from './queries.ts';
import { pipelineStatus } from './rules.ts';

export const pipelineRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db, writes, runs }) => {
  const transact = <R>(work: (trx: Kysely<DB>) => Promise<R>) => writes.transaction('the file pipeline', work);

  app.route({
    ...startPipeline,
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { outcome } = await once(request, reply, (id) =>
        transactOnce(transact, id, async (db) => {
          const trx = db as Transaction<DB>;
          const { id: run_id, joined } = await start(trx, runs, { trigger: 'manual', actor });
          if (!joined) await noteFileAct(trx, actor, 'start-pipeline', { run: run_id });
          return { started: !joined, run_id };
        }),
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
      const { outcome } = await once(request, reply, (id) =>
        transactOnce(transact, id, async (db) => {
          const trx = db as Transaction<DB>;
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
        }),
      );
      return outcome;
    },
  });
};
