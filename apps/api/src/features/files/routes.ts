import { listFileRoots, makeFileRoots, type RootMade } from '@at/contracts/file-roots';
import {
  exportFiles,
  type FilesQuery,
  fileDefaultSort,
  getDedupStatus,
  getFileDashboard,
  getFileHistory,
  listFiles,
  type PipelineFile,
  startDedup,
} from '@at/contracts/files';
import type { PlaceName } from '@at/contracts/vocabulary';
import { noteFileAct } from '@at/domain/activity/writes';
import { findRecentBatches, findTooLarge, findWaitingBatches } from '@at/domain/batches/queries';
import { makePlaces } from '@at/domain/files/make-places';
import { placesAmong } from '@at/domain/files/places';
import { countByRoot, findRoots } from '@at/domain/files/queries';
import { dedupStatus, findLatestScan } from '@at/domain/files/scan-status';
import { startScan } from '@at/domain/files/starts';
import { lookAtPlaces } from '@at/domain/files/storage';
import { findEarlier, transactOnce } from '@at/domain/idempotency';
import { countLost } from '@at/domain/moves/queries';
import { readPipelineConfig } from '@at/domain/pipeline-config/queries';
import { StartRefused } from '@at/domain/refused';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { once } from '#http/idempotency.ts';
import { startFor } from '#http/start-run.ts';
import { exportReply } from '#lists/export.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { dropAfterWrites } from '#lists/shared-counts.ts';
import { actorOf } from '#request/actor.ts';
import { fileNotFound, noFolders } from './errors.ts';
import { countBatches, type FilesShape, filesList, filesShape, findFileHistory } from './queries.ts';
import { dashboardOf } from './rules.ts';

/** Of roots that can be used. */
const usable: ReadonlySet<RootMade['result']> = new Set(['made', 'present', 'accepted']);

/** What the list of activity has of them. */
const noted = [
  ['made', 'make-roots'],
  ['accepted', 'accept-root'],
] as const;

/** What waits for a person: so many are named. */
const mostNamed = 20;

export const fileRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, background, runs, rows, config } = deps;
  const lists = listsByShape<FilesShape, PipelineFile, FilesQuery>(db, (shape) => filesList(db, shape));
  const counts = deps.counts.part();
  dropAfterWrites(app, counts);

  app.route({
    ...makeFileRoots,
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { outcome } = await once(request, reply, async (id) => {
        const earlier = await findEarlier<{ roots: RootMade[] }>(background, id);
        if (earlier) return earlier;
        // Before the transaction: a marker needs a row that others see. What a lost request has made is present at the next one.
        const roots = await makePlaces(background, request.body);
        if (roots.length === 0) throw noFolders;
        if (!roots.some(({ result }) => usable.has(result)))
          throw new StartRefused(roots.map(({ message }) => message).join(' '));
        return transactOnce(
          (work) => writes.transaction('the files', work),
          id,
          async (trx) => {
            for (const [result, action] of noted)
              if (roots.some((root) => root.result === result)) await noteFileAct(trx, actor, action, {});
            return { roots };
          },
        );
      });
      return outcome;
    },
  });

  app.route({
    ...listFileRoots,
    handler: async () => {
      const [roots, settings] = [await findRoots(db), await readPipelineConfig(db)];
      const places = await placesAmong(roots, settings);
      // Of many files it takes a while.
      const large = await counts.read('too large', async () =>
        places.source ? findTooLarge(db, places.source.id, settings.batch, mostNamed) : [],
      );
      const placeOf = new Map(Object.entries(places).map(([place, { id }]) => [id, place as PlaceName]));
      return {
        roots: roots.map(({ id, name, path, held, scanned_at }) => {
          return { id, name, path: path.toString(), place: placeOf.get(id) ?? null, held, scanned_at };
        }),
        lost_files: await countLost(db),
        waiting_batches: await findWaitingBatches(db, mostNamed),
        too_large: large.value,
      };
    },
  });

  app.route({
    ...startDedup,
    handler: async (request, reply) => {
      const { accept_missing = false } = request.body;
      const start = { writes, what: 'the files', action: 'start-scan' } as const;
      const { outcome } = await startFor(request, reply, start, (trx, starter) =>
        startScan(trx, runs, { starter, accept_missing }),
      );
      return outcome;
    },
  });

  app.route({
    ...getDedupStatus,
    handler: async () => dedupStatus(await findLatestScan(db), (await readPipelineConfig(db)).dedup),
  });

  app.route({
    ...getFileDashboard,
    handler: async (_request, reply) => {
      // Counting is slow; looking at folders is fast.
      const { value, age } = await counts.read('files', () => countByRoot(db));
      const [roots, settings] = [await findRoots(db), await readPipelineConfig(db)];
      const [batches, recent_batches] = [await countBatches(db), await findRecentBatches(db)];
      const now = new Date().toISOString().replace('Z', '000Z');
      reply.header('age', Math.round(age));
      return {
        generated_at: now,
        ...dashboardOf(value, batches, await lookAtPlaces(roots, settings)),
        recent_batches,
        has_device: settings.syncthing.folder_id !== '',
      };
    },
  });

  app.route({
    ...listFiles,
    handler: async (request, reply) => {
      const { query } = request;
      const statements = lists(filesShape(query));
      const path = `${config.basePath}${listFiles.url}`;
      const page = readPage(query, fileDefaultSort);
      const source = { statements, query, page, path, read: rows, counts };
      return (await pageReply(request, reply, source)) as never;
    },
  });

  app.route({
    ...exportFiles,
    handler: async (request, reply) => {
      const { query } = request;
      return exportReply(request, reply, { statements: lists(filesShape(query)), query, name: 'files', read: rows });
    },
  });

  app.route({
    ...getFileHistory,
    handler: async ({ params: { id } }) => {
      const found = await findFileHistory(db, id);
      if (!found) throw fileNotFound(id);
      return found;
    },
  });
};
