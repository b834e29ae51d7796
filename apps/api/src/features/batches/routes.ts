import {
  type Batch,
  type BatchesQuery,
  type BatchFile,
  type BatchFileList,
  type BatchList,
  batchDefaultSort,
  confirmDeviceCleaned,
  createBatch,
  getBatch,
  getBatchManifest,
  getBatchTimeline,
  listBatches,
  listBatchesAsBefore,
  listBatchFiles,
  undoBatch,
} from '@at/contracts/batches';
import type { DB } from '@at/db/schema';
import { noteFileAct } from '@at/domain/activity/writes';
import { type BatchOutput, nextName, selectFiles } from '@at/domain/batches/make';
import { findBatch, findBatchId, findBlocker } from '@at/domain/batches/queries';
import { BatchNotFound } from '@at/domain/batches/rules';
import { batchParameters, startBatch, startBatchUndo } from '@at/domain/batches/starts';
import type { UndoOutput } from '@at/domain/batches/undo';
import { confirmDeviceCleaned as saveDeviceCleaned } from '@at/domain/batches/writes';
import { readPipelineConfig } from '@at/domain/pipeline-config/queries';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { transactFor } from '#http/idempotency.ts';
import { startFor } from '#http/start-run.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { dropAfterWrites } from '#lists/shared-counts.ts';
import { actorOf } from '#request/actor.ts';
import { type BatchFilesInput, batchFileList, batchList, findDetails, findPathsIn, findTimeline } from './queries.ts';
import { createdReply, detailsOf } from './rules.ts';

type Shape = { isFiltered: boolean };

export const batchRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, rows, config, runs, writes, background } = deps;
  const lists = listsByShape<Shape, Batch, BatchesQuery>(db, (shape) => batchList(db, shape));
  const fileLists = listsByShape<Shape, BatchFile, BatchFilesInput>(db, (shape) => batchFileList(db, shape));
  const counts = deps.counts.part();
  dropAfterWrites(app, counts);
  const waiting = new Waiting(app, deps);

  /** The id of the batch of a request. */
  async function idOf(idOrName: string): Promise<number> {
    const id = await findBatchId(db, idOrName);
    if (id === undefined) throw new BatchNotFound(idOrName);
    return id;
  }

  for (const endpoint of [listBatches, listBatchesAsBefore])
    app.route({
      ...endpoint,
      handler: async (request, reply) => {
        const { query } = request;
        const page = readPage(query, batchDefaultSort);
        const statements = lists({ isFiltered: query.status !== undefined });
        const path = `${config.basePath}${endpoint.url}`;
        const source = { statements, query, page, path, read: rows, counts };
        return (await pageReply(request, reply, source)) as unknown as BatchList;
      },
    });

  /** What the next batch would be. */
  async function preview() {
    const { source, settings, root } = await batchParameters(background);
    const blocker = settings.allow_parallel ? undefined : await findBlocker(background);
    const of = { run_id: null, dry_run: true } as const;
    if (blocker) return createdReply({ ...of, reason: 'blocked', blocking_batch: blocker });
    const { files, bytes, lack, skipped, skips } = await selectFiles(background, source, settings);
    if (lack) return createdReply({ ...of, reason: lack, skipped, skips });
    const batch_name = await nextName(background, root, settings);
    const counted = { batch_name, file_count: files.length, size_bytes: bytes, skipped, skips };
    return createdReply({ ...of, ...counted }, { files: files.map(({ path }) => path) });
  }

  app.route({
    ...createBatch,
    handler: async (request, reply) => {
      if (request.body.dry_run) return preview();
      const start = { writes, what: 'the batch', action: 'make-batch' } as const;
      const { outcome, afterwards } = await startFor(request, reply, start, (trx, starter) =>
        startBatch(trx, runs, starter),
      );
      const made = await waiting.outputOf<BatchOutput>(reply, outcome.run_id, afterwards);
      const reported = { run_id: outcome.run_id, dry_run: false, ...made };
      const found = made?.batch_id == null ? undefined : await findDetails(db, made.batch_id);
      if (!found) return createdReply(reported);
      const { manifest_path } = detailsOf(found, true);
      const files = await findPathsIn(db, found.id);
      return createdReply(reported, { manifest_path, created_at: found.created_at, files });
    },
  });

  async function details(of: Kysely<DB>, idOrName: string) {
    const id = await findBatchId(of, idOrName);
    const found = id === undefined ? undefined : await findDetails(of, id);
    if (!found) throw new BatchNotFound(idOrName);
    const { syncthing } = await readPipelineConfig(of);
    return detailsOf(found, syncthing.folder_id !== '');
  }

  app.route({ ...getBatch, handler: async ({ params }) => details(db, params.id) });

  app.route({
    ...confirmDeviceCleaned,
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { outcome } = await transactFor(request, reply, { writes, what: 'the batch' }, async (trx) => {
        const id = await findBatchId(trx, request.params.id);
        if (id === undefined) throw new BatchNotFound(request.params.id);
        await saveDeviceCleaned(trx, id, actor);
        const batch = await details(trx, String(id));
        await noteFileAct(trx, actor, 'confirm-device-cleaned', { name: batch.name });
        return batch;
      });
      return outcome;
    },
  });

  app.route({
    ...listBatchFiles,
    handler: async (request, reply) => {
      const batch = await idOf(request.params.id);
      const query = { ...request.query, batch };
      const page = readPage(query, { sort_by: 'position', sort_order: 'asc' });
      const statements = fileLists({ isFiltered: query.state !== undefined });
      const path = `${config.basePath}/api/batches/${batch}/files`;
      const source = { statements, query, page, path, read: rows, counts };
      return (await pageReply(request, reply, source)) as unknown as BatchFileList;
    },
  });

  app.route({
    ...getBatchTimeline,
    handler: async ({ params }) => ({ events: await findTimeline(db, await idOf(params.id)) }),
  });

  app.route({
    ...getBatchManifest,
    handler: async ({ params }) => {
      const found = await findBatch(db, await idOf(params.id));
      if (!found) throw new BatchNotFound(params.id);
      return found.manifest;
    },
  });

  app.route({
    ...undoBatch,
    handler: async (request, reply) => {
      const id = await idOf(request.params.id);
      const start = { writes, what: 'the batch', action: 'undo-batch' } as const;
      const { outcome, afterwards } = await startFor(request, reply, start, (trx, starter) =>
        startBatchUndo(trx, runs, { id, starter }),
      );
      const { run_id } = outcome;
      const ended = await waiting.outputOf<UndoOutput>(reply, run_id, afterwards);
      if (!ended) return { run_id, undone: false, message: 'The files are being moved back.', returned: 0, kept: [] };
      const { undone, returned, kept } = ended;
      const message = undone
        ? 'The batch is undone.'
        : 'Some files were moved or changed since, and are not moved back.';
      return { run_id, undone, message, returned, kept };
    },
  });
};
