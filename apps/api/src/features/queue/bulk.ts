import type { QueueFilters } from '@at/contracts/queue';
import {
  cleanUpQueue,
  mostNamedFailures,
  mostQueueItems,
  type QueueBulkResult,
  type QueueCleaned,
  type QueueRefreshed,
  refreshQueueItems,
  retryQueueItems,
} from '@at/contracts/queue-bulk';
import { notFailed } from '@at/contracts/queue-rule';
import type { QueueStatus } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { noteFileAct } from '@at/domain/activity/writes';
import { countCompleted } from '@at/domain/queue/queries';
import { missingSettings } from '@at/domain/queue/rules';
import { refreshItems, retryItems } from '@at/domain/queue/tasks/bulk';
import { cleanUpItems } from '@at/domain/queue/tasks/cleanup';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import type { Waiting } from '#events/wait-for-run.ts';
import { transactFor } from '#http/idempotency.ts';
import { starterOf } from '#http/start-run.ts';
import { actorOf } from '#request/actor.ts';
import { actionRefused, queueItemNotFound, selectionTwice, stepFailed } from './errors.ts';
import { type BulkCondition, findQueueIds, findStatuses } from './queries.ts';

const counted = (items: number) => `${items} ${items === 1 ? 'item' : 'items'}`;

type Selection = { ids?: number[]; filter?: QueueFilters; status?: QueueStatus };

/** What a request asks of many items: one run, whose items are chosen at the request. */
export const queueBulk: FastifyPluginAsyncTypebox<
  Pick<Deps, 'db' | 'writes' | 'runs' | 'queue'> & { waiting: Waiting }
> = async (app, { db, writes, runs, queue, waiting }) => {
  const place = { writes, what: 'the run' };

  async function itemsOf(
    trx: Transaction<DB>,
    { ids, filter, status }: Selection,
    also: BulkCondition,
  ): Promise<number[]> {
    if (ids && filter) throw selectionTwice();
    const wanted = [...new Set(ids)];
    // What one of them lacks is in the result; those with another status are not meant.
    if (ids && status) return findQueueIds(trx, { id: wanted }, { also: { status }, atMost: mostQueueItems });
    if (ids) return wanted;
    return findQueueIds(trx, filter ?? {}, { also, atMost: mostQueueItems });
  }

  /** The items that a retry refuses, and why. */
  async function refusedOf(trx: Transaction<DB>, items: readonly number[]) {
    const statuses = await findStatuses(trx, items);
    return items.flatMap((id) => {
      const status = statuses.get(id);
      if (status === 'error') return [];
      return [{ id, error: status === undefined ? queueItemNotFound(id).message : notFailed(status) }];
    });
  }

  const startedBy = (request: FastifyRequest) => ({ starter: starterOf(request) });

  app.route({
    ...retryQueueItems,
    handler: async (request, reply) => {
      const { outcome } = await transactFor(request, reply, place, async (trx) => {
        const items = await itemsOf(trx, request.body, { status: 'error' });
        const { id } = await runs.start(trx, retryItems, { items, by: actorOf(request) }, startedBy(request));
        await noteFileAct(trx, actorOf(request), 'retry-many', { run: id, count: items.length });
        const refused = request.body.ids ? await refusedOf(trx, items) : [];
        const retried = items.length - refused.length;
        const rest = refused.length > 0 ? `, ${refused.length} ${refused.length === 1 ? 'is' : 'are'} refused` : '';
        return {
          success: true as const,
          message: `${counted(retried)} ${retried === 1 ? 'is' : 'are'} being retried${rest}`,
          run_id: id,
          refused: refused.slice(0, mostNamedFailures),
        };
      });
      reply.code(202);
      return outcome;
    },
  });

  app.route({
    ...refreshQueueItems,
    handler: async (request, reply): Promise<QueueRefreshed> => {
      const { status, update_emby = false, fresh = false } = request.body;
      const missing = missingSettings.metadata(queue);
      if (missing.length > 0) throw actionRefused(`Not configured: set ${missing.join(', ')}.`);
      const { outcome, afterwards } = await transactFor(request, reply, place, async (trx) => {
        const items = await itemsOf(trx, request.body, { hasCode: true, status });
        const params = { items, by: actorOf(request), fresh, update_emby };
        const { id } = await runs.start(trx, refreshItems, params, startedBy(request));
        await noteFileAct(trx, actorOf(request), 'refresh-many', { run: id, count: items.length });
        const message = 'The metadata are being fetched';
        return { success: true as const, message, run_id: id, total: items.length };
      });
      const { state, error, output } = await waiting.outcomeOf(reply, outcome.run_id, afterwards);
      if (error !== null) throw stepFailed(outcome.run_id, error);
      reply.code(state === 'completed' ? 200 : 202);
      const { updated = 0, failed = 0, failed_items = [] } = (output ?? {}) as Partial<QueueBulkResult>;
      const rest = failed > 0 ? `, and not those of ${failed}` : '';
      const message =
        state === 'completed' ? `The metadata of ${counted(updated)} were fetched${rest}` : outcome.message;
      return { ...outcome, success: failed === 0 || updated > 0, message, updated, failed, failed_items };
    },
  });

  app.route({
    ...cleanUpQueue,
    handler: async (request, reply): Promise<QueueCleaned> => {
      const { older_than_days = 30, dry_run = false } = request.body;
      if (dry_run) {
        const deleted_count = await countCompleted(db, older_than_days);
        return { success: true, message: `${counted(deleted_count)} would be removed`, deleted_count, run_id: null };
      }
      const { outcome, afterwards } = await transactFor(request, reply, place, async (trx) => {
        const { id } = await runs.start(trx, cleanUpItems, { older_than_days }, startedBy(request));
        await noteFileAct(trx, actorOf(request), 'cleanup', { run: id });
        return { success: true as const, run_id: id };
      });
      const { state, error, output } = await waiting.outcomeOf(reply, outcome.run_id, afterwards);
      if (error !== null) throw stepFailed(outcome.run_id, error);
      reply.code(state === 'completed' ? 200 : 202);
      const { deleted: deleted_count = 0 } = (output ?? {}) as { deleted?: number };
      const message =
        state === 'completed'
          ? `${deleted_count} ${deleted_count === 1 ? 'item was' : 'items were'} removed`
          : 'Items are being removed';
      return { ...outcome, message, deleted_count };
    },
  });
};
