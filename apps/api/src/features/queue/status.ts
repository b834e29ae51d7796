import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  getQueueHealth,
  getQueueMeta,
  getQueueSteps,
  type QueueHealth,
  type QueueStepSettings,
} from '@at/contracts/queue-status';
import { databaseFault } from '@at/db/database-fault';
import { rootsOf } from '@at/domain/queue/moves';
import { missingSettings } from '@at/domain/queue/rules';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { noDownloads } from './errors.ts';
import { findWorkers } from './queries.ts';
import { unknownWorkers, uptimeText, workersHealth } from './rules.ts';

const percent = (part: number, whole: number) =>
  whole > 0 ? Math.min(100, Math.round((1_000 * part) / whole) / 10) : 0;

/** Milliseconds: how long the id of the media server is kept, how long a failure, and how long a request waits for it and for a disk. */
const times = { known: 600_000, failed: 30_000, patience: 2_000, disk: 1_000 };

/** What the queue depends on: workers, machine, settings, media server. */
export const queueStatus: FastifyPluginAsyncTypebox<
  Pick<Deps, 'db' | 'queue'> & { settings: readonly QueueStepSettings[] }
> = async (app, { db, queue, settings }) => {
  const startedAt = Date.now();

  app.route({
    ...getQueueSteps,
    handler: async () => ({
      steps: [...settings],
      watch: { missing: missingSettings.extract(queue), path: queue.folders?.watch ?? null },
    }),
  });

  /** One look at a disk for all who ask at a time, and `late` for those who have waited for long enough. */
  function shared<T>(look: () => Promise<T>, late: T): () => Promise<T> {
    let looking: Promise<T> | undefined;
    return () => {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return Promise.race([looking, sleep(times.disk, late, { ref: false })]);
    };
  }
  const diskPercent = shared(async () => {
    for (const path of queue.folders ? [queue.folders.library, queue.folders.watch] : []) {
      const found = await queue.disk.statfs(path).catch(() => undefined);
      if (found) return percent(found.blocks - found.bavail, found.blocks);
    }
    return null;
  }, null);
  const folders = shared(async () => {
    if (!queue.folders) return 'not configured';
    try {
      await rootsOf(queue.folders, queue.disk);
      return 'ready';
    } catch (error) {
      const seen = await Promise.all(
        Object.values(queue.folders).map((path) =>
          queue.disk.stat(path).then(
            () => true,
            (problem) => problem.code !== 'ENOENT',
          ),
        ),
      );
      return seen.includes(true) ? `error: ${(error as Error).message}` : 'not seen';
    }
  }, 'error: A folder of the queue has not responded for a second. Check that its disk is connected.');

  app.route({
    ...getQueueHealth,
    handler: async (request, reply) => {
      const system: QueueHealth['system'] = {
        cpu_percent: percent(loadavg()[0] as number, availableParallelism()),
        memory_percent: percent(totalmem() - freemem(), totalmem()),
        disk_percent: await diskPercent(),
      };
      const place = { folders: await folders() };
      const uptime = uptimeText((Date.now() - startedAt) / 1_000);
      try {
        const { isWell, ...workers } = workersHealth(await findWorkers(db), settings);
        return {
          status: isWell && !place.folders.startsWith('error') ? ('healthy' as const) : ('degraded' as const),
          database: 'connected',
          ...place,
          ...workers,
          uptime,
          system,
        };
      } catch (error) {
        const why = databaseFault(error as Error);
        if (why === undefined) throw error;
        request.log.warn({ err: error }, 'The database does not respond');
        const problem = {
          success: false as const,
          error: 'Database error occurred',
          message: why,
          type: 'about:blank',
          title: 'Service Unavailable',
          detail: why,
          instance: request.id,
        };
        reply.code(503).header('retry-after', '2');
        return {
          ...problem,
          status: 'degraded' as const,
          database: `error: ${why}`,
          ...place,
          ...unknownWorkers,
          uptime,
          system,
        };
      }
    },
  });

  let known: { id: string | null; until: number } | undefined;
  let asking: Promise<string | null> | undefined;
  async function serverId(): Promise<string | null> {
    const { server } = queue;
    if (!server) return null;
    if (known && performance.now() < known.until) return known.id;
    asking ??= server
      .id(AbortSignal.timeout(times.patience))
      .catch(() => null)
      .then((id) => {
        known = { id, until: performance.now() + (id === null ? times.failed : times.known) };
        asking = undefined;
        return id;
      });
    return asking;
  }

  app.route({
    ...getQueueMeta,
    handler: async () => ({
      emby_public_url: queue.server?.publicUrl?.replace(/\/+$/, '') ?? null,
      emby_server_id: await serverId(),
    }),
  });

  // Of the original's code; never part of its documentation.
  for (const url of ['/api/download', '/api/downloads', '/api/download/*', '/api/downloads/*']) {
    app.all(url, { schema: { hide: true }, config: { role: 'viewer' } }, async () => {
      throw noDownloads;
    });
  }
};
