import { statfs } from 'node:fs/promises';
import { FileTrashError, resolveRoots } from '@at/adapters/file-trash';
import { TransmissionError } from '@at/adapters/transmission';
import { getHealth, getLivez, getMeta, getReadyz, getRoot, type Meta } from '@at/contracts/system';
import { type Connection, shownTarget } from '@at/db/connection';
import { databaseFault } from '@at/db/database-fault';
import { compareHistory, compareVersions, isOpen, isOwnHistory, standingRows } from '@at/db/migration-files';
import { findHistory, type History } from '@at/db/migration-history';
import { shippedMigrations } from '@at/db/shipped-migrations';
import { strandedIntents } from '@at/domain/intents/outbox';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { findLiveMode, findMissingTriggers } from '#events/queries.ts';
import { callerOf } from '#request/actor.ts';
import { holdsDemo } from '#titles/demo.ts';
import { metadataRefusal } from '#titles/metadata-refresh.ts';
import {
  countLostEvents,
  type DatabaseFacts,
  findDatabaseFacts,
  findMissingEvaluationTriggers,
  findMissingRelations,
  findMissingRights,
  findSettingsFault,
  findStatementsOfOwner,
  findUsableSchemas,
} from './queries.ts';
import { type CheckResult, diskState, indexesOf, readinessOf } from './rules.ts';

/** What the owner of schema atp does about triggers: no migration that has run is run again. */
const restore =
  'The owner of schema atp can run pnpm db:migrate --set atp-extras; for a trigger that is there, but switched off: ' +
  'ALTER TABLE atp.<table> ENABLE ALWAYS TRIGGER <name>.';

export const systemRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { config, db, database, transmission }) => {
  const startedAt = new Date();
  const uptime = () => Math.round((Date.now() - startedAt.getTime()) / 100) / 10;
  const alive = () => ({ status: 'healthy' as const, version: config.version, uptime_seconds: uptime() });
  const shipped = await shippedMigrations();
  const indexes = indexesOf(shipped['console extras']);

  app.route({
    ...getRoot,
    handler: async () => ({
      message: 'Welcome to Rear Differential API',
      docs: `${config.publicPrefix}/docs`,
      health: `${config.publicPrefix}/health`,
    }),
  });
  app.route({ ...getHealth, handler: async () => alive() });
  app.route({ ...getLivez, handler: async () => alive() });

  async function schemaStates(): Promise<Meta['schemas']> {
    return Promise.all(
      (Object.keys(shipped) as History[]).map(async (schema) => {
        const { rows } = (await findHistory(db, schema === 'public' ? undefined : schema)) ?? { rows: [] };
        const kept = isOwnHistory(shipped[schema], rows);
        const latest = standingRows(rows)
          .filter(({ success, version }) => success && version !== null)
          .toSorted((left, right) => compareVersions(left.version as string, right.version as string))
          .at(-1);
        const compared = compareHistory(shipped[schema], rows);
        return {
          schema,
          version: latest?.version ?? null,
          installed_on: latest?.installed_on ?? null,
          failed: rows.filter(({ success }) => !success).length,
          pending: kept ? compared.filter(isOpen).length : null,
        };
      }),
    );
  }

  app.route({
    ...getMeta,
    handler: async (request) => {
      const began = performance.now();
      let facts: DatabaseFacts | undefined;
      let schemas: Meta['schemas'] = [];
      let latency: number | null = null;
      let demo = false;
      let live: Meta['live'] = null;
      try {
        facts = await findDatabaseFacts(db);
        latency = Math.round((performance.now() - began) * 10) / 10;
        schemas = await schemaStates();
        demo = await holdsDemo(db);
        live = await findLiveMode(db);
      } catch (error) {
        // The reply works without a database and reports that it is unreachable.
        request.log.warn({ err: error }, 'The database does not respond');
      }
      return {
        name: 'rear-differential',
        version: config.version,
        prefix: config.publicPrefix,
        environment: config.environment,
        started_at: startedAt.toISOString().replace('Z', '000Z'),
        uptime_seconds: uptime(),
        database: {
          reachable: latency !== null,
          name: facts?.name ?? null,
          host: database.embedded ? null : hostOf(config.database),
          version: facts?.version ?? null,
          embedded: database.embedded,
          latency_ms: latency,
        },
        schemas,
        demo,
        configured: config.configured,
        metadata_refusal: metadataRefusal(config.configured.metadata),
        live,
        operating_threshold: config.operatingThreshold,
      };
    },
  });

  const ownerTask = async () => {
    const task = await findStatementsOfOwner(db);
    return task && `${task} Then run pnpm db:migrate.`;
  };
  const checks: Record<string, () => Promise<Omit<CheckResult, 'name' | 'ms'>>> = {
    database: async () => {
      const { name, version } = await findDatabaseFacts(db);
      const fault = await findSettingsFault(db);
      if (fault) return { status: 'failed', detail: fault };
      return { status: 'ok', detail: `Database ${name} on PostgreSQL ${version} answers.` };
    },
    schemas: async () => {
      const usable = await findUsableSchemas(db);
      const missing = ['atp', 'console'].filter((schema) => !usable.includes(schema));
      if (missing.length === 0) return { status: 'ok', detail: 'Schemas atp and console exist.' };
      return {
        status: 'failed',
        detail: (await ownerTask()) ?? 'A schema is missing, or this user has no right to use it. Run pnpm db:migrate.',
        missing,
      };
    },
    rights: async () => {
      const missing = await findMissingRights(db, 'requests');
      if (missing.length === 0) return { status: 'ok', detail: 'The database user has the rights that requests need.' };
      return {
        status: 'failed',
        detail: (await ownerTask()) ?? 'The database user lacks rights. Grant them, or run pnpm db:migrate.',
        missing,
      };
    },
    migrations: async () => {
      const states = compareHistory(shipped.console, (await findHistory(db, 'console'))?.rows ?? []);
      const open = states.filter(isOpen);
      if (open.length === 0) return { status: 'ok', detail: 'Every migration of schema console has run.' };
      return {
        status: 'failed',
        detail: 'Schema console does not fit this version. Run pnpm db:migrate.',
        missing: open.map(({ script, state }) => `${script} (${state})`),
      };
    },
    indexes: async () => {
      const missing = await findMissingRelations(db, indexes);
      if (missing.length === 0) return { status: 'ok', detail: 'Every index that lists use exists.' };
      return {
        status: 'degraded',
        detail: 'Lists scan their tables. The owner of schema atp can run pnpm db:migrate --set atp-extras.',
        missing,
      };
    },
    triggers: async () => {
      const missing = await findMissingTriggers(db);
      const lost = await countLostEvents(db);
      if (missing.length > 0) {
        return {
          status: 'degraded',
          detail: `Changes by other clients are detected after two seconds, deletions not at all. ${restore}`,
          missing,
        };
      }
      if (lost === 0) return { status: 'ok', detail: 'Changes by other clients are detected at once.' };
      return {
        status: 'degraded',
        detail: `${lost} changes were not written to the events since the triggers exist; the database log says why. SELECT setval('console.events_lost', 0) resets the count.`,
      };
    },
    evaluation: async () => {
      const triggers = await findMissingEvaluationTriggers(db);
      const rights = await findMissingRights(db, 'evaluation');
      if (triggers.length + rights.length === 0)
        return { status: 'ok', detail: 'Evaluations of predictions are read from totals.' };
      const slow = 'Each evaluation of predictions reads every title, because';
      return {
        status: 'degraded',
        detail:
          triggers.length > 0
            ? `${slow} triggers for its totals are missing or not always on. ${restore}`
            : `${slow} the database user lacks rights on its totals. Grant them.`,
        missing: [...triggers, ...rights],
      };
    },
    outbox: async () => {
      const stranded = await strandedIntents(db);
      if (stranded.length === 0)
        return { status: 'ok', detail: 'No interrupted change of a torrent or of files waits for a worker.' };
      const count = stranded.reduce((sum, one) => sum + one.count, 0);
      const waits = count === 1 ? 'change of a torrent or of files waits' : 'changes of torrents or of files wait';
      const missing = stranded.map(({ task }) => task);
      return {
        status: 'degraded',
        detail: `${count} interrupted ${waits} for a worker that does ${missing.join(' and ')}. Start one with the settings of the API.`,
        missing,
      };
    },
    disk: async () => {
      const { directory } = database;
      if (directory === undefined)
        return { status: 'ok', detail: 'The database is on another server, which has its own disk.' };
      return diskState(directory, await statfs(directory));
    },
    // Only if configured.
    ...(transmission.configured && {
      transmission: async () => {
        try {
          const torrents = await transmission.list();
          return { status: 'ok' as const, detail: `Transmission responds and has ${torrents.length} torrents.` };
        } catch (error) {
          if (!(error instanceof TransmissionError)) throw error;
          return { status: 'degraded' as const, detail: `Nothing can be approved. ${error.message}` };
        }
      },
    }),
    ...(config.files.enabled && {
      files: async () => {
        try {
          await resolveRoots(config.files);
          return { status: 'ok' as const, detail: 'Every directory whose files can be removed exists.' };
        } catch (error) {
          if (!(error instanceof FileTrashError)) throw error;
          return { status: 'degraded' as const, detail: `No files are removed. ${error.message}` };
        }
      },
    }),
  };

  app.route({
    ...getReadyz,
    handler: async (request, reply) => {
      // In parallel: an unreachable database costs one timeout.
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]): Promise<CheckResult> => {
          const began = performance.now();
          const result = await check().catch((error: Error) => {
            request.log.warn({ err: error }, `The check of ${name} failed`);
            const detail =
              databaseFault(error) ?? 'The check itself failed; find the reason in the log by the request id.';
            return { status: 'failed' as const, detail };
          });
          return { name, ...result, ms: Math.round((performance.now() - began) * 10) / 10 };
        }),
      );
      const status = readinessOf(results);
      if (status === 'not ready') reply.code(503).header('retry-after', '5');
      // Details are for callers with a key.
      const isShort = config.keys.length > 0 && !callerOf(request);
      return { status, checks: isShort ? [] : results };
    },
  });
};

/** The server's name; null for a socket's directory. */
function hostOf(database: Connection | null): string | null {
  if (database === null) return null;
  const { host } = shownTarget(database);
  return host.startsWith('/') ? null : host;
}
