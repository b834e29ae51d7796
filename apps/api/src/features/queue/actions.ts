import {
  deleteQueueFile,
  deleteQueueItem,
  extractQueueCode,
  fetchQueueMetadata,
  fullRetryQueueItem,
  generateQueuePreview,
  type QueueAccepted,
  type QueueActed,
  renameQueueFile,
  reprocessQueueItem,
  retryQueueItem,
  updateQueueServer,
} from '@at/contracts/queue-actions';
import { getQueueRemoval, restoreQueueItem } from '@at/contracts/queue-removals';
import { type QueueAction, queueActionRefusal, stepsOfQueueAction } from '@at/contracts/queue-rule';
import type { QueueStepSettings } from '@at/contracts/queue-status';
import type { FileAction } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { noteFileAct } from '@at/domain/activity/writes';
import { findRemoval } from '@at/domain/queue/removals';
import { allSteps } from '@at/domain/queue/rules';
import {
  giveCode,
  removeItem,
  reprocessItem,
  restoreItem,
  retryItem,
  startFileRemoval,
  startItem,
  takeBackCode,
} from '@at/domain/queue/starts';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import type { Waiting } from '#events/wait-for-run.ts';
import { transactFor } from '#http/idempotency.ts';
import { type ByRequest, starterOf } from '#http/start-run.ts';
import { actorOf } from '#request/actor.ts';
import { actionRefused, noPreviews, queueItemNotFound, refusalOf, stepFailed } from './errors.ts';
import { findQueueItem } from './queries.ts';

type Start = (trx: Transaction<DB>, starter: ByRequest) => Promise<{ id: string }>;

/** What a request asks of one item. Runs do it; the request only starts them. */
export const queueActions: FastifyPluginAsyncTypebox<
  Pick<Deps, 'db' | 'writes' | 'runs' | 'queue'> & { settings: readonly QueueStepSettings[]; waiting: Waiting }
> = async (app, { db, writes, runs, queue, settings, waiting }) => {
  /** Runs `write` once, if the item allows the action. */
  async function change<T extends object>(
    request: FastifyRequest,
    reply: FastifyReply,
    { id, action, noted = action }: { id: number; action: QueueAction; noted?: FileAction },
    write: (trx: Transaction<DB>) => Promise<T>,
  ) {
    return transactFor(request, reply, { writes, what: 'the item' }, async (trx) => {
      const item = await findQueueItem(trx, id);
      if (!item) throw queueItemNotFound(id);
      const refusal = queueActionRefusal(item, action, settings);
      if (refusal !== null) throw actionRefused(refusal);
      const note = (run?: string) => noteFileAct(trx, actorOf(request), noted, { item: id, run });
      // Afterwards there is no row that has its name.
      if (action === 'delete') await note();
      const outcome = await write(trx);
      if ('run_id' in outcome) await note(outcome.run_id as string);
      return outcome;
    }).catch((error: unknown) => {
      throw refusalOf(error, id);
    });
  }

  /** Starts a run for an item. */
  const started = (
    request: FastifyRequest,
    reply: FastifyReply,
    { id, action, noted = action, message }: { id: number; action: QueueAction; noted?: FileAction; message: string },
    start: Start,
  ) =>
    change<QueueAccepted>(request, reply, { id, action, noted }, async (trx) => {
      const run = await start(trx, starterOf(request));
      return { success: true, message, item_id: id, run_id: run.id };
    });

  async function accept(...of: Parameters<typeof started>): Promise<QueueAccepted> {
    const [, reply] = of;
    const { outcome } = await started(...of);
    reply.code(202);
    return outcome;
  }

  /** Starts a run and waits for it, then replies with what the item has become. */
  async function act(
    request: FastifyRequest,
    reply: FastifyReply,
    of: { id: number; action: QueueAction; noted?: FileAction; message: string; done: string },
    start: Start,
  ): Promise<QueueActed> {
    const { outcome, afterwards } = await started(request, reply, of, start);
    const now = async () => (await findQueueItem(db, of.id)) ?? null;
    const { state, error, facts } = await waiting.outcomeOf(reply, outcome.run_id, afterwards, now);
    if (error !== null) throw stepFailed(outcome.run_id, error);
    reply.code(state === 'completed' ? 200 : 202);
    const item = facts ?? (await now());
    if (!item) throw queueItemNotFound(of.id);
    const { status, movie_code, actress, new_path, emby_item_id, metadata_json } = item;
    const message = state === 'completed' ? of.done : outcome.message;
    return { ...outcome, message, status, movie_code, actress, new_path, emby_item_id, metadata_json };
  }

  app.route({
    ...retryQueueItem,
    handler: async (request, reply) => {
      const { id } = request.params;
      return accept(request, reply, { id, action: 'retry', message: 'The item is being retried' }, (trx, starter) =>
        retryItem(trx, runs, id, starter, queue),
      );
    },
  });

  app.route({
    ...reprocessQueueItem,
    handler: async (request, reply) => {
      const { id } = request.params;
      const { fresh = false } = request.body;
      const of = { id, action: 'reprocess-metadata', message: 'The item is being processed again' } as const;
      return accept(request, reply, of, (trx, starter) => reprocessItem(trx, runs, id, { starter, fresh }));
    },
  });

  app.route({
    ...fullRetryQueueItem,
    handler: async (request, reply) => {
      const { id } = request.params;
      const { fresh = false } = request.body;
      const of = { id, action: 'full-retry', message: 'The item is being processed from its first step' } as const;
      return accept(request, reply, of, (trx, starter) =>
        startItem(trx, runs, id, allSteps(queue), { starter, fresh }),
      );
    },
  });

  app.route({
    ...extractQueueCode,
    handler: async (request, reply) => {
      const { id } = request.params;
      const { fresh = false, movie_code } = request.body;
      const message = movie_code == null ? 'The code is being extracted' : 'The code is set';
      return act(
        request,
        reply,
        {
          id,
          action: 'extract-code',
          noted: movie_code === undefined ? 'extract-code' : 'set-code',
          message,
          done: message.replace('is being', 'was'),
        },
        (trx, starter) => {
          if (movie_code === undefined) return startItem(trx, runs, id, ['extract'], { starter });
          if (movie_code === null) {
            const all = queue.provider ? allSteps(queue) : (['extract'] as const);
            return takeBackCode(trx, runs, id, all, { starter, fresh });
          }
          // What had to wait for a code goes on, where it can.
          const later = queue.provider ? allSteps(queue).filter((step) => step !== 'extract') : (['extract'] as const);
          return giveCode(trx, runs, id, movie_code, later, { starter, fresh });
        },
      );
    },
  });

  for (const [endpoint, action, message, done] of [
    [fetchQueueMetadata, 'fetch-metadata', 'The metadata are being fetched', 'The metadata were fetched'],
    [renameQueueFile, 'rename-file', 'The file is being moved into the library', 'The file is in the library'],
    [updateQueueServer, 'update-emby', 'The item is being published', 'The item was published'],
  ] as const) {
    app.route({
      ...(endpoint as typeof fetchQueueMetadata),
      handler: async (request, reply) => {
        const { id } = request.params;
        const { fresh = false } = request.body;
        return act(request, reply, { id, action, message, done }, (trx, starter) =>
          startItem(trx, runs, id, stepsOfQueueAction(action), { starter, fresh }),
        );
      },
    });
  }

  app.route({
    ...deleteQueueItem,
    handler: async (request, reply) => {
      const { id } = request.params;
      const { outcome } = await change(request, reply, { id, action: 'delete' }, async (trx) => {
        await removeItem(trx, runs, id, starterOf(request));
        return { success: true as const, message: 'The item was removed; its file stays', item_id: id };
      });
      return outcome;
    },
  });

  app.route({
    ...deleteQueueFile,
    handler: async (request, reply) => {
      const { id } = request.params;
      const of = { id, action: 'delete-file', message: 'The file is being moved to the trash' } as const;
      const { outcome, afterwards } = await started(request, reply, of, (trx, starter) =>
        startFileRemoval(trx, runs, id, { starter }),
      );
      const { state, error } = await waiting.outcomeOf(reply, outcome.run_id, afterwards);
      if (error !== null) throw stepFailed(outcome.run_id, error);
      reply.code(state === 'completed' ? 200 : 202);
      return state === 'completed' ? { ...outcome, message: 'The item and its file were removed' } : outcome;
    },
  });

  app.route({
    ...getQueueRemoval,
    handler: async ({ params: { id } }) => {
      const removal = await findRemoval(db, id);
      if (!removal) throw queueItemNotFound(id);
      const { name, removed_at, has_file } = removal;
      return { item_id: id, name, removed_at, has_file };
    },
  });

  app.route({
    ...restoreQueueItem,
    handler: async (request, reply) => {
      const { id } = request.params;
      const { outcome } = await transactFor(request, reply, { writes, what: 'the item' }, async (trx) => {
        const run = await restoreItem(trx, runs, id, starterOf(request), queue);
        await noteFileAct(trx, actorOf(request), 'restore', { item: id, run: run?.id });
        const message = run ? 'The item is back, and its file is being moved back' : 'The item is back in the queue';
        return { success: true as const, message, item_id: id, run_id: run?.id ?? null };
      }).catch((error: unknown) => {
        throw refusalOf(error, id);
      });
      reply.code(outcome.run_id === null ? 200 : 202);
      return outcome;
    },
  });

  app.route({
    ...generateQueuePreview,
    handler: async () => {
      throw noPreviews;
    },
  });
};
