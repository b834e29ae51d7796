import { hash } from 'node:crypto';
import { CoverError } from '@at/adapters/covers';
import {
  exportQueue,
  getQueueCover,
  getQueueItem,
  listQueue,
  type QueueItem,
  type QueueList,
  type QueueQuery,
  queueDefaultSort,
  suggestQueue,
} from '@at/contracts/queue';
import { listQueueFailures } from '@at/contracts/queue-status';
import { queueSteps } from '@at/contracts/vocabulary';
import { missingSettings } from '@at/domain/queue/rules';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { PictureCache, sendPicture } from '#http/picture-cache.ts';
import { exportReply } from '#lists/export.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { type Frame, pageReply, readPage } from '#lists/paging.ts';
import { dropAfterWrites } from '#lists/shared-counts.ts';
import { queueActions } from './actions.ts';
import { queueBulk } from './bulk.ts';
import { coverNotSent, noCover, queueItemNotFound } from './errors.ts';
import {
  findQueueFailures,
  findQueueItem,
  findQueueItemDetails,
  findSuggestions,
  type QueueShape,
  queueList,
  queueShape,
} from './queries.ts';
import { queueStatistics } from './statistics.ts';
import { queueStatus } from './status.ts';

/** Items a page, as callers of the original expect. */
const usualLimit = 50;

/** About a thousand covers. */
const mostCoverBytes = 200 * 2 ** 20;

/** Names the picture of an item, by its address; null: it has none. */
const coverOf = ({ metadata_json }: Pick<QueueItem, 'metadata_json'>): { address: string; name: string } | null => {
  const address = metadata_json?.cover_url;
  return typeof address === 'string' ? { address, name: hash('sha256', address, 'base64url') } : null;
};

/** The reply of the original. */
const frame: Frame = {
  begin: '{"items":[',
  end: ({ total, limit, offset }) =>
    `],${JSON.stringify({ total, limit, offset, page: Math.floor(offset / limit) + 1 }).slice(1)}`,
};

export const queueRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, rows, config, events, queue, fetchCover } = deps;
  const { posters } = config;
  const covers = posters && new PictureCache(posters.covers, mostCoverBytes, (why) => app.log.warn(why));
  const lists = listsByShape<QueueShape, QueueItem, QueueQuery>(db, (shape) => queueList(db, shape));
  // Its own: items change often, and the counts of titles are dear.
  const counts = deps.counts.part();
  const drop = () => counts.drop();
  const isOurs = (type: string) => type === 'queue.changed' || type === 'run.changed';
  const unsubscribe = events.subscribe({
    onEvents: (placed) => placed.some(({ event }) => isOurs(event.type)) && drop(),
    onReset: drop,
  });
  app.addHook('onClose', async () => unsubscribe());
  dropAfterWrites(app, counts);

  const settings = queueSteps.map((step) => ({ step, missing: missingSettings[step](queue) }));
  const waiting = new Waiting(app, deps);
  await app.register(queueStatistics, { db, counts });
  await app.register(queueStatus, { db, queue, settings });
  await app.register(queueActions, { ...deps, settings, waiting });
  await app.register(queueBulk, { ...deps, waiting });

  app.route({
    ...listQueue,
    handler: async (request, reply) => {
      const { query } = request;
      const page = readPage({ ...query, limit: query.limit ?? usualLimit }, queueDefaultSort);
      const statements = lists(queueShape(query));
      const path = `${config.basePath}${listQueue.url}`;
      const source = { statements, query, page, path, read: rows, counts, frame };
      return (await pageReply(request, reply, source)) as unknown as QueueList;
    },
  });

  app.route({
    ...exportQueue,
    handler: async (request, reply) => {
      const { query } = request;
      return exportReply(request, reply, { statements: lists(queueShape(query)), query, name: 'queue', read: rows });
    },
  });

  app.route({
    ...suggestQueue,
    handler: async (request) => {
      const q = request.query.q?.trim() ?? '';
      return { suggestions: q === '' ? [] : await findSuggestions(db, q) };
    },
  });

  app.route({
    ...listQueueFailures,
    handler: async () => (await counts.read('queue failures', () => findQueueFailures(db))).value,
  });

  app.route({
    ...getQueueItem,
    handler: async ({ params: { id } }) => {
      const item = await findQueueItemDetails(db, id);
      if (!item) throw queueItemNotFound(id);
      return { ...item, cover: (covers && coverOf(item)?.name) ?? null };
    },
  });

  app.route({
    ...getQueueCover,
    handler: async (request, reply) => {
      const { id } = request.params;
      const item = await findQueueItem(db, id);
      if (!item) throw queueItemNotFound(id);
      const cover = covers && coverOf(item);
      const picture =
        cover &&
        (await covers
          .read(cover.name, () => fetchCover(cover.address))
          .catch((error: unknown) => {
            throw error instanceof CoverError ? coverNotSent(error.message, error) : error;
          }));
      if (!picture) throw noCover(id);
      return sendPicture(request, reply, picture);
    },
  });
};
