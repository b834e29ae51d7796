import {
  cancelOperation,
  createOperation,
  getOperation,
  invertOperation,
  listOperationItems,
  listOperations,
  type Operation,
  OperationChange,
  type OperationItem,
  type OperationRequest,
  operationLimits,
  operationResults,
  runOperation,
} from '@at/contracts/bulk';
import { mediaFilters } from '@at/contracts/media';
import { movieFilters } from '@at/contracts/movies';
import { defaultLimit } from '@at/contracts/paging';
import type { DB } from '@at/db/schema';
import { findOperation } from '@at/domain/bulk/queries';
import { rehearse } from '@at/domain/bulk/rehearsal';
import { cancelOperation as cancelRun, runOperation as startRun } from '@at/domain/bulk/starts';
import { transactOnce } from '@at/domain/idempotency';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely, Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { refuseUnknownWords } from '#http/accepted-words.ts';
import { once, transactFor } from '#http/idempotency.ts';
import { readPlace, timePattern, uuidPattern } from '#lists/keyset.ts';
import { cursorPage } from '#lists/paging.ts';
import { actorOf } from '#request/actor.ts';
import { withThreshold } from '#titles/threshold.ts';
import { alreadyDone, notRunnable, operationNotFound, tooManyItems } from './errors.ts';
import { findItems, findOperations, freezeIds, freezeInverse, freezeMatching, insertOperation } from './queries.ts';
import { checkInvertible, readRequest } from './rules.ts';

/** A cell is one at a threshold: an operation keeps the one that it was frozen at. */
function withNamedThreshold(body: OperationRequest, config: Deps['config']): OperationRequest {
  if (body.subject !== 'training' || body.filter?.cell === undefined) return body;
  return { ...body, filter: withThreshold(body.filter, config) };
}

export const bulkRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, background, config, runs, transmission } = deps;
  const adapters = { files: config.files, transmission };

  async function find(id: string, from: Kysely<DB> = db): Promise<Operation> {
    const operation = await findOperation(from, id);
    if (!operation) throw operationNotFound(id);
    return operation;
  }

  /** The first items of a new operation, with what it would make of them now. */
  async function sampleOf(trx: Kysely<DB>, operation: Operation, request: FastifyRequest): Promise<OperationItem[]> {
    const context = { adapters, log: request.log, operation, actor: actorOf(request) };
    const items = await findItems(trx, operation.operation_id, { limit: operationLimits.sample });
    const outcomes = await rehearse(trx, context, operationLimits.sample);
    const byPosition = new Map(outcomes.map((outcome) => [outcome.position, outcome]));
    return items.map((item) => {
      const { result, problem, before, after } = byPosition.get(item.position) ?? item;
      return { ...item, result: result === 'done' ? 'pending' : result, problem, before, after };
    });
  }

  /** Creates an operation whose items `freeze` stores. */
  async function preview(
    request: FastifyRequest,
    reply: FastifyReply,
    operation: Parameters<typeof insertOperation>[1],
    freeze: (trx: Kysely<DB>, id: string) => Promise<void>,
  ) {
    const create = async (trx: Kysely<DB>) => {
      const operation_id = await insertOperation(trx, operation, actorOf(request));
      await freeze(trx, operation_id);
      const created = await find(operation_id, trx);
      return { operation: created, sample: await sampleOf(trx, created, request) };
    };
    const { outcome } = await transactFor(request, reply, { writes, what: 'the operation' }, create);
    return { success: true as const, message: 'Operation previewed', ...outcome };
  }

  app.route({
    ...createOperation,
    handler: async (request, reply) => {
      const body = withNamedThreshold(request.body, config);
      const { subject, action, filter = null } = body;
      const { ids, change } = readRequest(body);
      const filters = subject === 'media' ? mediaFilters : movieFilters;
      await refuseUnknownWords(deps, 'body', filters, filter ?? {}, '/filter/');
      await refuseUnknownWords(deps, 'body', OperationChange.properties, change, '/change/');
      return preview(request, reply, { subject, action, change, filter, inverse_of: null }, async (trx, id) => {
        if (ids) await freezeIds(trx, id, subject, ids);
        else {
          const found = await freezeMatching(trx, id, body);
          if (found > operationLimits.items) throw tooManyItems();
        }
      });
    },
  });

  app.route({
    ...invertOperation,
    handler: async (request, reply) => {
      const taken = await find(request.params.operation_id);
      checkInvertible(taken);
      const { operation_id: inverse_of, subject, action, change } = taken;
      const operation = { subject, action, change, filter: null, inverse_of };
      return preview(request, reply, operation, (trx, id) => freezeInverse(trx, id, inverse_of));
    },
  });

  app.route({
    ...runOperation,
    handler: async (request, reply) => {
      const { operation_id } = request.params;
      const start = async (trx: Transaction<DB>) => {
        const started = await startRun(trx, runs, operation_id, actorOf(request));
        const operation = await find(operation_id, trx);
        if (!started && operation.state === 'previewed' && operation.inverse_of !== null)
          checkInvertible(await find(operation.inverse_of, trx));
        if (['expired', 'cancelling', 'cancelled'].includes(operation.state)) throw notRunnable(operation.state);
        return { started, operation };
      };
      const { outcome } = await transactFor(request, reply, { writes, what: 'the operation' }, start);
      const message = outcome.started ? 'Operation started' : 'The operation was started before';
      return { success: true as const, message, operation: outcome.operation };
    },
  });

  app.route({
    ...cancelOperation,
    handler: async (request, reply) => {
      const { operation_id } = request.params;
      const stop = async (trx: Transaction<DB>) => {
        await cancelRun(trx, runs, operation_id, actorOf(request));
        const operation = await find(operation_id, trx);
        if (operation.state === 'done') throw alreadyDone();
        return operation;
      };
      const { outcome: operation } = await once(request, reply, (id) =>
        transactOnce((run) => background.transaction().execute(run), id, stop),
      );
      return { success: true as const, message: 'Operation cancelled', operation };
    },
  });

  app.route({ ...getOperation, handler: async (request) => find(request.params.operation_id) });

  app.route({
    ...listOperationItems,
    handler: async (request) => {
      const { limit = defaultLimit, cursor, result: results } = request.query;
      const { operation_id, total, counts } = await find(request.params.operation_id);
      const behind = cursor === undefined ? 0 : Number(readPlace('operations', cursor, /^\d{1,9}$/, null).id);
      const found = await findItems(db, operation_id, { results, limit: limit + 1, behind });
      const matching = operationResults.reduce((sum, one) => sum + (results?.includes(one) ? counts[one] : 0), 0);
      return cursorPage(request, `${config.publicPrefix}/operations/${operation_id}/items`, {
        found,
        limit,
        total: results ? matching : total,
        order: 'operations',
        placeOf: ({ position }) => ({ value: null, id: String(position) }),
      });
    },
  });

  app.route({
    ...listOperations,
    handler: async (request) => {
      const { limit = defaultLimit, cursor, ...filter } = request.query;
      const place = cursor === undefined ? undefined : readPlace('operations', cursor, uuidPattern, timePattern);
      const behind = place && { created_at: place.value as string, id: place.id };
      const found = await findOperations(db, filter, limit + 1, behind);
      return cursorPage(request, `${config.publicPrefix}${listOperations.url}`, {
        found,
        limit,
        total: null,
        order: 'operations',
        placeOf: ({ created_at, operation_id }) => ({ value: created_at, id: operation_id }),
      });
    },
  });
};
