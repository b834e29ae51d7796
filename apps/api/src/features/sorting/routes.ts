import { getSortStatus, type SortStarted, type SortStep, sortStep, startSort } from '@at/contracts/sorting';
import type { DB } from '@at/db/schema';
import { BatchNotFound } from '@at/domain/batches/rules';
import { readPipelineConfig } from '@at/domain/pipeline-config/queries';
import { Refused } from '@at/domain/refused';
import { findBatchToSort, type SortedBatch } from '@at/domain/sorting/queries';
import { planSort, startSort as start } from '@at/domain/sorting/starts';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { Waiting } from '#events/wait-for-run.ts';
import { startFor } from '#http/start-run.ts';
import { findSorted } from './queries.ts';

export const sortingRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, runs, writes, background } = deps;
  const waiting = new Waiting(app, deps);

  async function sort(
    request: FastifyRequest,
    reply: FastifyReply,
    key: string,
  ): Promise<{ started: SortStarted; goesOn: boolean }> {
    const place = { writes, what: 'the batch', action: 'start-sort' } as const;
    const { outcome, afterwards } = await startFor(request, reply, place, async (trx, starter) => {
      const { batch, ...run } = await start(trx, runs, { batch: key, starter });
      return { ...run, batch: batch.id };
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
      if (!found) throw new BatchNotFound(id);
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
    if (error instanceof Refused) return error.message;
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
