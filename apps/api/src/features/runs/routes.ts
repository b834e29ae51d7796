import { pathOfEndpoint } from '@at/contracts/endpoint-path';
import { defaultLimit } from '@at/contracts/paging';
import { approveTaskRunStep, cancelTaskRun, getTaskRun, listTaskRuns, retryTaskRun } from '@at/contracts/runs';
import type { DB } from '@at/db/schema';
import { transactOnce } from '@at/domain/idempotency';
import { adminTasks } from '@at/domain/tasks';
import { findRun } from '@at/runs/reports';
import { RunNotFound, RunRefused, StepNotFound } from '@at/runs/states';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { requireRole } from '#http/access.ts';
import { once } from '#http/idempotency.ts';
import { readPlace, timePattern, uuidPattern } from '#lists/keyset.ts';
import { cursorPage } from '#lists/paging.ts';
import { actorOf, callerOf } from '#request/actor.ts';
import type { ApiKey } from '#request/api-keys.ts';
import { notApprovable, notCancellable, notRetryable, runNotFound, stepNotFound } from './errors.ts';
import { logRoutes } from './log-routes.ts';
import { findRuns } from './queries.ts';

export const runRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, runs, config } = deps;
  await app.register(logRoutes, deps);
  const pathOf = (url: string) => pathOfEndpoint(url, { root: config.basePath, api: config.publicPrefix });

  app.route({
    ...listTaskRuns,
    handler: async (request) => {
      const { limit = defaultLimit, cursor, ...filter } = request.query;
      const place = cursor === undefined ? undefined : readPlace('runs', cursor, uuidPattern, timePattern);
      const behind = place && { created_at: place.value as string, id: place.id };
      const found = await findRuns(db, filter, limit + 1, behind);
      return cursorPage(request, pathOf(listTaskRuns.url), {
        found,
        limit,
        total: null,
        order: 'runs',
        placeOf: ({ created_at, id }) => ({ value: created_at, id }),
      });
    },
  });

  app.route({
    ...getTaskRun,
    handler: async ({ params: { id } }) => {
      const run = await findRun(db, id);
      if (!run) throw runNotFound(id);
      return run;
    },
  });

  /** Asks for a change of a run; the reply comes before a worker has heard of it. */
  async function ask(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    message: string,
    change: (trx: Transaction<DB>) => Promise<void>,
  ) {
    const { outcome } = await once(request, reply, (writeId) =>
      transactOnce(
        (run) => writes.transaction('the run', run),
        writeId,
        async (trx) => {
          await change(trx as Transaction<DB>);
          return { success: true as const, message, run_id: id };
        },
      ),
    ).catch((error: unknown) => {
      throw error instanceof RunNotFound ? runNotFound(id) : error;
    });
    reply.code(202);
    return outcome;
  }

  app.route({
    ...cancelTaskRun,
    handler: async (request, reply) => {
      const { id } = request.params;
      const cancel = (trx: Transaction<DB>) => runs.cancel(trx, id, actorOf(request).name);
      return ask(request, reply, id, 'The run is being cancelled', cancel).catch((error: unknown) => {
        throw error instanceof RunRefused ? notCancellable(error.state) : error;
      });
    },
  });

  app.route({
    ...retryTaskRun,
    handler: async (request, reply) => {
      const { id } = request.params;
      const caller = callerOf(request);
      const run = caller && (await findRun(db, id));
      if (run?.steps.some(({ task }) => adminTasks.has(task))) requireRole(caller as ApiKey, 'admin');
      return ask(request, reply, id, 'The run continues', (trx) => runs.retry(trx, id)).catch((error: unknown) => {
        throw error instanceof RunRefused ? notRetryable(error) : error;
      });
    },
  });

  app.route({
    ...approveTaskRunStep,
    handler: async (request, reply) => {
      const { id, ref } = request.params;
      const approve = (trx: Transaction<DB>) => runs.approve(trx, id, ref, actorOf(request).name);
      return ask(request, reply, id, 'The step begins', approve).catch((error: unknown) => {
        if (error instanceof StepNotFound) throw stepNotFound(id, ref);
        throw error instanceof RunRefused ? notApprovable(ref, error.state) : error;
      });
    },
  });
};
