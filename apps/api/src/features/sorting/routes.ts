import { getSortStatus, type SortStarted, type SortStep, sortStep, startSort } from '@at/contracts/sorting';
import type { DB } from '@at/db/schema';
import { readPipelineConfig } from '@at/domain/files/places';
import { transactOnce } from '@at/domain/idempotency';
import { noteFileAct } from '@at/domain/queue/writes';
import { findBatchToSort, type SortedBatch } from '@at/domain/sorting/queries';
import { planSort, startSort as start } from '@at/domain/sorting/starts';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely, Transaction } from 'kysely';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { ApiError } from '#http/api-error.ts';
import { once } from '#http/idempotency.ts';
import { actorOf } from '#request/actor.ts';
import { batchNotFound, refusalOf } from './errors.ts';
import { findSorted } from './queries.ts';

export const sortingRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, runs, writes, background } = deps;
  const waiting = new Waiting(app, deps);

  async function sort(
    request: FastifyRequest,
    reply: FastifyReply,
    key: string,
  ): Promise<{ started: SortStarted; goesOn: boolean }> {
    const starter = { trigger: 'manual', actor: actorOf(request) } as const;
    const { outcome, afterwards } = await once(request, reply, (writeId) =>
      transactOnce(
        (work) => writes.transaction('the batch', work),
        writeId,
        async (trx) => {
          const { id, joined, batch } = await start(trx as Transaction<DB>, runs, { batch: key, starter });
          if (!joined) await noteFileAct(trx as Transaction<DB>, actorOf(request), 'start-sort', { run: id });
          return { run_id: id, started: !joined, batch: batch.id };
        },
      ),
    ).catch((error: unknown) => {
      throw refusalOf(error);
    });
    const { run_id, started, batch } = outcome;
    const { state, error, facts } = await waiting.outcomeOf(reply, run_id, afterwards, async () => {
      return (await findSorted(background, batch)) ?? null;
    });
    const goesOn = error === null && state !== 'completed';
    reply.code(goesOn ? 202 : 200);
    const now = facts ?? ((await findSorted(db, batch)) as Exclude<typeof facts, null>);
    return { started: { ...now, started, run_id }, goesOn };
  }

  app.route({
    ...startSort,
    handler: async (request, reply) => (await sort(request, reply, request.params.id)).started,
  });

  app.route({
    ...sortStep,
    handler: async (request, reply) => {
      const { started, goesOn } = await sort(request, reply, request.params.id);
      return stepOf(started, goesOn);
    },
  });

  app.route({
    ...getSortStatus,
    handler: async (request) => {
      const { id } = request.params;
      const batch = await findBatchToSort(db, id);
      const found = batch && (await findSorted(db, batch.id));
      if (!found) throw batchNotFound(id);
      const { sorter, syncthing } = await readPipelineConfig(db);
      const { transfer_mode } = sorter;
      const leaves_device = syncthing.folder_id !== '' && transfer_mode === 'move';
      const refusal = await refusalToSort(db, batch);
      return { ...found, can_start: refusal === null, refusal, transfer_mode, leaves_device };
    },
  });
};

/** Why a batch cannot be sorted now; null: it can. */
async function refusalToSort(db: Kysely<DB>, batch: SortedBatch): Promise<string | null> {
  if (batch.status === 'SORTING') return 'It is being sorted.';
  try {
    await planSort(db, batch);
    return null;
  } catch (error) {
    const refused = refusalOf(error);
    if (refused instanceof ApiError) return refused.message;
    throw error;
  }
}

function stepOf(data: SortStarted, goesOn: boolean): SortStep {
  const { run_id, batch, sorted_files, total_files, reason } = data;
  const count = `${sorted_files} of ${total_files} files of ${batch} are sorted`;
  if (goesOn) return { status: 'running', message: `${batch} is being sorted`, data, run_id };
  if (data.status === 'SORTED') return { status: 'completed', message: count, data, run_id };
  return { status: sorted_files > 0 ? 'warning' : 'error', message: reason ?? count, data, run_id };
}
