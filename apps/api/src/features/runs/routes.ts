import { pathOfEndpoint } from '@at/contracts/endpoint-path';
import { defaultLimit } from '@at/contracts/paging';
import {
  approveTaskRunStep,
  cancelTaskRun,
  changeTaskRuns,
  getTaskRun,
  listRunQueues,
  listTaskRunFailures,
  listTaskRuns,
  mostRuns,
  type Run,
  type RunChanges,
  type RunsChanged,
  type RunsQuery,
  retryTaskRun,
} from '@at/contracts/runs';
import { type FileAction, runStates } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { noteFileAct } from '@at/domain/activity/writes';
import { findUndo } from '@at/domain/pipeline/queries';
import { roleOf } from '@at/domain/tasks';
import { findQueues, findRun } from '@at/runs/reports';
import { isFinished, RunNotFound, RunRefused, StepNotFound } from '@at/runs/states';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { requireRole } from '#http/access.ts';
import { transactFor } from '#http/idempotency.ts';
import { exportReply } from '#lists/export.ts';
import { readPlace, timePattern, uuidPattern } from '#lists/keyset.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { cursorPage } from '#lists/paging.ts';
import { dropAfterWrites } from '#lists/shared-counts.ts';
import { actorOf, callerOf, suffices } from '#request/actor.ts';
import {
  notApprovable,
  notCancellable,
  notRetryable,
  onlyAdmins,
  runNotFound,
  selectionMissing,
  stepNotFound,
  uncancellable,
  unretryable,
} from './errors.ts';
import { logRoutes } from './log-routes.ts';
import { findRunFailures, findRunIds, findRuns, findTasks, type RunShape, runList, runShape } from './queries.ts';
import { describeChanges, secondsLeft } from './rules.ts';

/** The states of the runs that a cancel of many chooses by its filter. */
const cancellable = runStates.filter((state) => !isFinished(state) && state !== 'stopping');

export const runRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, runs, config, rows } = deps;
  await app.register(logRoutes, deps);
  const pathOf = (url: string) => pathOfEndpoint(url, { root: config.basePath, api: config.publicPrefix });

  const lists = listsByShape<RunShape, Run, RunsQuery>(db, (shape) => runList(db, shape));
  const counts = deps.counts.part();
  dropAfterWrites(app, counts);

  app.route({
    ...listTaskRuns,
    handler: async (request, reply) => {
      const { query } = request;
      const shape = runShape(query);
      const statements = lists(shape);
      if (query.format !== undefined)
        return (await exportReply(request, reply, { statements, query, name: 'runs', read: rows })) as never;
      const { limit = defaultLimit, cursor } = query;
      const { sort_by, sort_order } = shape;
      // The first order has the name of the time when it was the only one.
      const order = sort_by === 'created_at' && sort_order === 'desc' ? 'runs' : `runs by ${sort_by} ${sort_order}`;
      const position = cursor === undefined ? undefined : readPlace(order, cursor, uuidPattern, timePattern);
      return cursorPage(request, pathOf(listTaskRuns.url), {
        found: await findRuns(db, statements, { query, limit: limit + 1, offset: 0, position }),
        limit,
        total: null,
        order,
        placeOf: (run) => ({ value: run[sort_by] as string, id: run.id }),
      });
    },
  });

  app.route({
    ...listTaskRunFailures,
    handler: async () => (await counts.read('run failures', () => findRunFailures(db))).value,
  });

  app.route({
    ...listRunQueues,
    handler: async () => {
      const { value } = await counts.read('run queues', () => findQueues(db));
      return { queues: value.map((queue) => ({ ...queue, seconds_left: secondsLeft(queue) })) };
    },
  });

  app.route({
    ...changeTaskRuns,
    handler: async (request, reply): Promise<RunsChanged> => {
      const { action, ids, filter } = request.body;
      if ((ids === undefined) === (filter === undefined)) throw selectionMissing();
      const { outcome } = await transactFor(request, reply, { writes, what: 'the runs' }, async (trx) => {
        const given = ids
          ? [...new Set(ids)]
          : await findRunIds(trx, filter ?? {}, action === 'cancel' ? cancellable : 'retryable', mostRuns + 1);
        const chosen = given.slice(0, mostRuns);
        const results = await changeAll(trx, request, action, chosen);
        const done = results.filter((one) => one.done).length;
        const refused = results.length - done;
        if (done > 0) await noteFileAct(trx, actorOf(request), `runs-${action}`, { count: done });
        const message = describeChanges(action, done, refused);
        const more = given.length > chosen.length;
        return { success: true as const, message, total: results.length, done, refused, more, results };
      });
      return outcome;
    },
  });

  /** Changes one run after the other, in an order that two requests share, so that neither waits for the other in turn. */
  async function changeAll(trx: Transaction<DB>, request: FastifyRequest, action: RunChanges, ids: string[]) {
    const role = callerOf(request)?.role ?? 'admin';
    const steps = action === 'retry' && role !== 'admin' ? await findTasks(trx, ids) : [];
    const kept = new Set(steps.filter((step) => !suffices(role, roleOf([step]))).map(({ id }) => id));
    const errors = new Map<string, string>();
    for (const id of ids.toSorted()) {
      try {
        if (kept.has(id)) errors.set(id, onlyAdmins);
        else if (action === 'cancel') await runs.cancel(trx, id, actorOf(request).name);
        else await runs.retry(trx, id);
      } catch (error) {
        if (error instanceof RunNotFound) errors.set(id, runNotFound(id).message);
        else if (error instanceof RunRefused)
          errors.set(id, action === 'cancel' ? uncancellable(error.state) : unretryable(error));
        else throw error;
      }
    }
    return ids.map((id) => ({ id, done: !errors.has(id), error: errors.get(id) ?? null }));
  }

  app.route({
    ...getTaskRun,
    handler: async ({ params: { id } }) => {
      const run = await findRun(db, id);
      if (!run) throw runNotFound(id);
      return { ...run, role: roleOf(await findTasks(db, [id])), undo: await findUndo(db, id) };
    },
  });

  /** Asks for a change of a run; the reply comes before a worker has heard of it. */
  async function ask(
    request: FastifyRequest,
    reply: FastifyReply,
    { id, action, message }: { id: string; action: FileAction; message: string },
    change: (trx: Transaction<DB>) => Promise<void>,
  ) {
    const { outcome } = await transactFor(request, reply, { writes, what: 'the run' }, async (trx) => {
      await change(trx);
      await noteFileAct(trx, actorOf(request), action, { run: id });
      return { success: true as const, message, run_id: id };
    }).catch((error: unknown) => {
      throw error instanceof RunNotFound ? runNotFound(id) : error;
    });
    reply.code(202);
    return outcome;
  }

  /** Throws 403 to a caller that may not order what the run does. */
  async function requireRoleOf(request: FastifyRequest, id: string): Promise<void> {
    const caller = callerOf(request);
    if (caller) requireRole(caller, roleOf(await findTasks(db, [id])));
  }

  app.route({
    ...cancelTaskRun,
    handler: async (request, reply) => {
      const { id } = request.params;
      const cancel = (trx: Transaction<DB>) => runs.cancel(trx, id, actorOf(request).name);
      return ask(request, reply, { id, action: 'run-cancel', message: 'The run is being cancelled' }, cancel).catch(
        (error: unknown) => {
          throw error instanceof RunRefused ? notCancellable(error.state) : error;
        },
      );
    },
  });

  app.route({
    ...retryTaskRun,
    handler: async (request, reply) => {
      const { id } = request.params;
      await requireRoleOf(request, id);
      return ask(request, reply, { id, action: 'run-retry', message: 'The run continues' }, (trx) =>
        runs.retry(trx, id),
      ).catch((error: unknown) => {
        throw error instanceof RunRefused ? notRetryable(error) : error;
      });
    },
  });

  app.route({
    ...approveTaskRunStep,
    handler: async (request, reply) => {
      const { id, ref } = request.params;
      await requireRoleOf(request, id);
      const approve = (trx: Transaction<DB>) => runs.approve(trx, id, ref, actorOf(request).name);
      return ask(request, reply, { id, action: 'run-approve', message: 'The step begins' }, approve).catch(
        (error: unknown) => {
          if (error instanceof StepNotFound) throw stepNotFound(id, ref);
          throw error instanceof RunRefused ? notApprovable(ref, error.state) : error;
        },
      );
    },
  });
};
