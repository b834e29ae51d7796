import { advancePipeline, getPipelineStatus, startPipeline } from '@at/contracts/pipeline';
import type { DB } from '@at/db/schema';
import { noteFileAct } from '@at/domain/activity/writes';
import { rootFor } from '@at/domain/files/starts';
import { startPipeline as start } from '@at/domain/pipeline/starts';
import { readPipelineConfig } from '@at/domain/pipeline-config/queries';
import { StartRefused } from '@at/domain/refused';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { ApiError } from '#http/api-error.ts';
import { transactFor } from '#http/idempotency.ts';
import { startFor } from '#http/start-run.ts';
import { actorOf } from '#request/actor.ts';
import { findBeginnings, findHeldStep, findLatestPipeline } from './queries.ts';
import { beginnings, pipelineStatus } from './rules.ts';

/** The root of the inbox, or why there is none. */
async function inboxOf(db: Kysely<DB>): Promise<{ id?: number; problem: string | null }> {
  try {
    return { id: (await rootFor(db, 'source')).id, problem: null };
  } catch (error) {
    if (error instanceof StartRefused) return { problem: error.message };
    throw error;
  }
}

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
      const config = await readPipelineConfig(db);
      const inbox = await inboxOf(db);
      const found = await findBeginnings(db, inbox.id);
      const { cron, timezone: timeZone } = config.schedule;
      return {
        ...pipelineStatus(await findLatestPipeline(db), config.workflow.debug),
        ...beginnings(found, config, { inbox: inbox.problem, ...runs.nextTime({ cron, timeZone }) }),
      };
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
