import type { Syncthing } from '@at/adapters/syncthing';
import { SyncthingError } from '@at/adapters/syncthing-error';
import {
  connectSyncthing,
  getSyncDiagnostics,
  getSyncStatus,
  refreshSyncs,
  type SyncConnection,
  type SyncDiagnostics,
  startBatchSync,
  syncBatch,
} from '@at/contracts/sync';
import { findBatchId } from '@at/domain/batches/queries';
import { BatchNotFound } from '@at/domain/batches/rules';
import { findEarlier, transactOnce } from '@at/domain/idempotency';
import { ConfigRefused, changeConfig } from '@at/domain/pipeline-config/writes';
import { findChanges, openBriefly, readSyncSettings, type SyncSettings } from '@at/domain/sync/connection';
import { preflight } from '@at/domain/sync/preflight';
import { findUnfinishedSyncs } from '@at/domain/sync/queries';
import { startSync } from '@at/domain/sync/starts';
import { RunRefused } from '@at/runs/states';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { invalid, invalidParts } from '#http/api-error.ts';
import { once, transactFor } from '#http/idempotency.ts';
import { startFor } from '#http/start-run.ts';
import { actorOf } from '#request/actor.ts';
import { syncthingRefused } from './errors.ts';
import { findSyncs } from './queries.ts';
import { faultOf, keyFor, stepResult, withRemaining } from './rules.ts';

/** What a daemon that does not reply, or has no such folder, leaves out. */
async function ifItReplies<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch((error: unknown) => {
    if (error instanceof SyncthingError) return null;
    throw error;
  });
}

async function diagnose(syncthing: Syncthing, { target }: SyncSettings): Promise<SyncDiagnostics> {
  const checks = await preflight(syncthing, target);
  const hasPassed = (name: string) => checks.some(({ check, state }) => check === name && state === 'passed');
  const folder = hasPassed('folder') ? target.folder : null;
  const [about, status, completion] = await Promise.all([
    hasPassed('key') ? ifItReplies(syncthing.about()) : null,
    folder === null ? null : ifItReplies(syncthing.folderStatus(folder)),
    folder === null || !hasPassed('shared') ? null : ifItReplies(syncthing.completion(folder, target.device)),
  ]);
  return {
    is_ready: faultOf(checks) === null,
    checks,
    last_error: faultOf(checks),
    syncthing_status: about,
    folder_status: status && {
      state: status.state,
      error: status.error ?? '',
      files: status.localFiles,
      bytes: status.localBytes,
    },
    completion: completion && {
      percent: completion.completion,
      needed_bytes: completion.needBytes,
      needed_items: completion.needItems,
    },
  };
}

/** What Syncthing has to choose from. */
async function findChoices(syncthing: Syncthing): Promise<Pick<SyncConnection, 'folders' | 'devices'>> {
  const [{ device: own }, folders, devices, connected] = await Promise.all([
    syncthing.about(),
    syncthing.folders(),
    syncthing.devices(),
    syncthing.connected(),
  ]);
  return {
    folders: folders.map(({ id, label, path, devices: sharing }) => ({
      id,
      label,
      path,
      devices: sharing.map(({ deviceID }) => deviceID),
    })),
    devices: devices
      .filter(({ deviceID }) => deviceID !== own)
      .map(({ deviceID: id, name }) => ({ id, name, connected: connected.has(id) })),
  };
}

export const syncRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, counts, calls, runs } = deps;
  const waiting = new Waiting(app, deps);
  const open = (url: string, key: string) => calls.measured('syncthing', openBriefly(url, key));

  app.route({
    ...getSyncDiagnostics,
    handler: async () => {
      const settings = await readSyncSettings(db);
      const { syncthing, paths } = settings.config;
      const name = `sync diagnostics ${JSON.stringify([syncthing, paths.batch_dir])}`;
      const { value } = await counts.read(name, () => diagnose(open(syncthing.api_url, settings.key), settings));
      return value;
    },
  });

  app.route({
    ...connectSyncthing,
    handler: async (request, reply): Promise<SyncConnection> => {
      const { body } = request;
      const isDry = request.query.dry_run === true;
      const { config, key: storedKey, target } = await readSyncSettings(db);
      const stored = config.syncthing;
      const { api_url = stored.api_url, folder_id = stored.folder_id, device_id = stored.device_id } = body;
      const key = keyFor({ api_url, api_key: body.api_key }, { api_url: stored.api_url, key: storedKey });
      if (key === undefined)
        throw invalid('body', '/api_key', 'The stored key belongs to another address. Send the key of this one.');
      const isChosen = folder_id !== '' && device_id !== '';
      // A test of an address alone changes no choice.
      const chosen = isDry && !isChosen ? {} : { folder_id, device_id };
      const part = {
        syncthing: { api_url, ...chosen, ...(body.api_key !== undefined && { api_key: key }) },
      };
      const actor = actorOf(request).name;
      const save = (isDry: boolean) =>
        writes.transaction('the configuration', (trx) => changeConfig(trx, { part, actor, isDry }));
      // Before Syncthing is changed: an address or an id that cannot be used is refused.
      const { changes: configured } = await save(true).catch((error: unknown) => {
        throw error instanceof ConfigRefused ? invalidParts('body', error.faults.map(inBody)) : error;
      });
      const syncthing = open(api_url, key);
      const checked = () => preflight(syncthing, { ...target, folder: folder_id, device: device_id });
      const wanted = {
        folder: folder_id,
        path: body.folder_path || target.directory,
        device: device_id,
        name: body.device_name ?? '',
      };
      const plan = async () => {
        const changes = isChosen ? await findChanges(syncthing, wanted) : [];
        if (wanted.path === '' && changes.some(({ words }) => words.startsWith('Make')))
          throw invalid('body', '/folder_path', 'Set paths.batch_dir, or say where the folder is.');
        return changes;
      };
      const wordsOf = (changes: Awaited<ReturnType<typeof plan>>) => [
        ...changes.map(({ words }) => words),
        ...configured.map(({ key }) => `Set ${key}`),
      ];
      if (isDry) {
        const checks = await checked();
        const choices = await ifItReplies(findChoices(syncthing));
        const changes = choices && (await plan().catch((error: unknown) => refuse(error)));
        return {
          saved: false,
          checks,
          ...(choices ?? { folders: [], devices: [] }),
          changes: changes ? wordsOf(changes) : [],
        };
      }
      if (!isChosen)
        throw invalid('body', folder_id === '' ? '/folder_id' : '/device_id', 'Choose a folder and a device.');
      const { outcome } = await once(request, reply, async (id) => {
        const earlier = await findEarlier<SyncConnection>(db, id);
        if (earlier) return earlier;
        const changes = await plan().catch(refuse);
        for (const { make } of changes) await make().catch(refuse);
        counts.drop();
        const found = { checks: await checked(), ...(await findChoices(syncthing).catch(refuse)) };
        return transactOnce(
          (work) => writes.transaction('the configuration', work),
          id,
          async (trx) => {
            await changeConfig(trx, { part, actor });
            return { saved: true, ...found, changes: wordsOf(changes) };
          },
        );
      });
      return outcome;
    },
  });

  const statusOf = async (id: number) => {
    const [row] = await findSyncs(db, [id]);
    if (!row) throw new BatchNotFound(id);
    return withRemaining(row);
  };

  const place = { writes, what: 'the batch' };

  /** Starts the sync of the batch that a request names. */
  const started = (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) =>
    startFor(request, reply, { ...place, action: 'start-sync' }, async (trx, starter) => {
      const { id: of } = request.params;
      const batch_id = await findBatchId(trx, of);
      if (batch_id === undefined) throw new BatchNotFound(of);
      const run = await startSync(trx, runs, { batch: batch_id, starter });
      const [row] = await findSyncs(trx, [batch_id]);
      return { ...run, batch: row?.batch ?? of, batch_id, status: 'SYNCING' as const };
    });

  app.route({
    ...startBatchSync,
    handler: async (request, reply) => (await started(request, reply)).outcome,
  });

  app.route({
    ...syncBatch,
    handler: async (request, reply) => {
      const { outcome, afterwards } = await started(request, reply);
      const { run_id, batch_id } = outcome;
      const { error, facts } = await waiting.outcomeOf(reply, run_id, afterwards, () => statusOf(batch_id));
      const result = stepResult(facts ?? (await statusOf(batch_id)), run_id, error);
      reply.code(result.status === 'completed' || result.status === 'error' ? 200 : 202);
      return result;
    },
  });

  app.route({
    ...getSyncStatus,
    handler: async ({ params: { id: of } }) => {
      const id = await findBatchId(db, of);
      if (id === undefined) throw new BatchNotFound(of);
      return statusOf(id);
    },
  });

  app.route({
    ...refreshSyncs,
    handler: async (request, reply) => {
      const { outcome } = await transactFor(request, reply, place, async (trx) => {
        const found = await findUnfinishedSyncs(trx);
        for (const { run } of found)
          await runs.hasten(trx, run).catch((error: unknown) => {
            // It is at work already.
            if (!(error instanceof RunRefused)) throw error;
          });
        const ids = found.map(({ batch }) => batch);
        const batches = (await findSyncs(trx, ids)).map(withRemaining);
        return { count: batches.length, batches };
      });
      return outcome;
    },
  });
};

const refuse = (error: unknown): never => {
  throw error instanceof SyncthingError ? syncthingRefused(error.message) : error;
};

const inBody = ({ pointer, message }: { pointer: string; message: string }) => ({
  pointer: pointer.replace('/syncthing/', '/'),
  message,
});
