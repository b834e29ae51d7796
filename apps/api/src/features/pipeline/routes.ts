import {
  advancePipeline,
  getDebugReport,
  getPipelineOverview,
  getPipelineStatus,
  type PipelineOverview,
  startPipeline,
} from '@at/contracts/pipeline';
import { fileStatuses } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { noteFileAct } from '@at/domain/activity/writes';
import { findRecentBatches, findWaitingBatches } from '@at/domain/batches/queries';
import { countByRoot, findRoots } from '@at/domain/files/queries';
import { dedupStatus, findLatestScan } from '@at/domain/files/scan-status';
import { rootFor } from '@at/domain/files/starts';
import { lookAtPlaces } from '@at/domain/files/storage';
import { startPipeline as start } from '@at/domain/pipeline/starts';
import { readPipelineConfig } from '@at/domain/pipeline-config/queries';
import { StartRefused } from '@at/domain/refused';
import { openBriefly, readSyncSettings } from '@at/domain/sync/connection';
import { preflight } from '@at/domain/sync/preflight';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { ApiError } from '#http/api-error.ts';
import { transactFor } from '#http/idempotency.ts';
import { startFor } from '#http/start-run.ts';
import { actorOf } from '#request/actor.ts';
import { findBeginnings, findFacts, findHeldStep, findLatestPipeline, findSyncing } from './queries.ts';
import { reportText } from './report.ts';
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

export const pipelineRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, runs, counts, config: own } = deps;
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
    ...getPipelineOverview,
    handler: async () => {
      const config = await readPipelineConfig(db);
      const { running, last_result } = pipelineStatus(await findLatestPipeline(db), config.workflow.debug);
      const { value } = await counts.read('files by status', () => countByRoot(db));
      const of = (status: string) =>
        value.filter((row) => row.status === status).reduce((sum, { files }) => sum + files, 0);
      return {
        running,
        dedup: dedupStatus(await findLatestScan(db), config.dedup),
        recent_batches: await findRecentBatches(db),
        file_counts: Object.fromEntries(
          fileStatuses.map((status) => [status, of(status)]),
        ) as PipelineOverview['file_counts'],
        syncing_batches: await findSyncing(db),
        config,
        last_run: last_result,
      };
    },
  });

  app.route({
    ...getDebugReport,
    handler: async (_request, reply) => {
      const { config, key, target } = await readSyncSettings(db);
      const { syncthing } = config;
      const { value } = await counts.read('files by status', () => countByRoot(db));
      // Of many requests at once one reaches Syncthing and the disks.
      const { value: looked } = await counts.read(`report ${JSON.stringify([syncthing, config.paths])}`, async () => ({
        places: await lookAtPlaces(await findRoots(db), config),
        checks: syncthing.folder_id === '' ? null : await preflight(openBriefly(syncthing.api_url, key), target),
      }));
      const text = reportText({
        at: new Date().toISOString(),
        version: own.version,
        facts: await findFacts(db),
        counts: value,
        batches: await findWaitingBatches(db, 20),
        ...looked,
        config,
      });
      reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store');
      return text;
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
