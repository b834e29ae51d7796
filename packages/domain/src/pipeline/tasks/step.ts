import { setTimeout as sleep } from 'node:timers/promises';
import { StringEnum } from '@at/contracts/paging';
import { type FailureCode, type PipelineStep, pipelineSteps } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { isFinished, RunCancelled, RunRefused, type State } from '@at/runs/states';
import { defineTask, FinalFailure, type Json, StepFailure, type TaskContext } from '@at/runs/task';
import type { Transaction } from 'kysely';
import { type Static, Type } from 'typebox';
import { BatchRefused } from '../../files/batch-rules.ts';
import { readPipelineConfig } from '../../files/places.ts';
import { startSort } from '../../files/sort-start.ts';
import { StartRefused, startBatch, startCleanup, startScan } from '../../files/starts.ts';
import { startSync } from '../../sync/starts.ts';
import { findBatchFor, findState } from '../queries.ts';

// A step of the run of five starts the run that does the work, as a person would, and waits for its end. So the work has one
// implementation, with its own log, retries and undo.

const By = Type.Object({ name: Type.String(), verified: Type.Boolean() });
const Parameters = Type.Object({
  step: StringEnum(pipelineSteps),
  by: By,
  /** Seconds before it. */
  delay: Type.Integer({ minimum: 0 }),
});

/** What a step has done: one line for each run that it started. */
export type StepOutput = {
  result: 'completed' | 'skipped' | 'warning';
  message: string | null;
  runs: { id: string; batch: string | null; output: Json }[];
};
type Kept = Pick<StepOutput, 'runs' | 'message'> & {
  due: string | null;
  handled: number[];
  open: { id: string; batch: string | null } | null;
};

/** Milliseconds between two looks at the run that works; seconds of an attempt. */
const times = { look: 250, attempt: 82_000 };

type Context = TaskContext<unknown>;
type Begun = { run: string; batch: { id: number; name: string } | null } | { skipped: string; isWarning?: boolean };

/** Starts the next run of a step. Throws StartRefused, BatchRefused and RunRefused. */
async function begin(
  trx: Transaction<DB>,
  { runs }: Pick<Context, 'runs'>,
  { step, by }: { step: PipelineStep; by: Static<typeof By> },
  handled: readonly number[],
): Promise<Begun> {
  const starter = { trigger: 'event', actor: by } as const;
  const once = { run: '', batch: null };
  if (step === 'scan') return { ...once, run: (await startScan(trx, runs, { starter })).id };
  if (step === 'batch') return { ...once, run: (await startBatch(trx, runs, starter)).id };
  if (step === 'cleanup') return { ...once, run: (await startCleanup(trx, runs, { starter, dry_run: false })).id };
  const { syncthing } = await readPipelineConfig(trx);
  const hasDevice = syncthing.folder_id !== '';
  if (step === 'sync' && !hasDevice) return { skipped: 'No device is configured: batches are sorted without one.' };
  if (step === 'sort' && hasDevice && !syncthing.auto_sort_after_sync)
    return { skipped: 'Batches are not sorted by themselves (syncthing.auto_sort_after_sync).' };
  if (step === 'sort' && hasDevice && syncthing.after_sync === 'ask')
    return { skipped: 'Choose syncthing.after_sync first: remove or keep.', isWarning: true };
  const batch = await findBatchFor(trx, step, { hasDevice, handled });
  if (!batch) return { skipped: step === 'sync' ? 'No batch waits for its sync.' : 'No batch waits to be sorted.' };
  const { id } =
    step === 'sync'
      ? await startSync(trx, runs, { batch: batch.id, starter })
      : await startSort(trx, runs, { batch: String(batch.id), starter });
  return { run: id, batch };
}

/** Ended without a batch, for example: why, as a sentence. */
function lackOf(output: Json): string | undefined {
  if (output === null || typeof output !== 'object' || Array.isArray(output) || output.created !== false)
    return undefined;
  const { reason, blocking_batch } = output;
  if (reason === 'blocked' && blocking_batch && typeof blocking_batch === 'object' && !Array.isArray(blocking_batch))
    return `${blocking_batch.name} is ${blocking_batch.status}: a batch waits until the one before is sorted.`;
  return reason === 'too_large' ? 'Each file is larger than a batch may be.' : 'There is no new file.';
}

export const pipelineStep = defineTask<unknown, typeof Parameters>({
  name: 'files.step',
  title: 'Step of the file pipeline',
  // It waits in memory, so that a cancel reaches the run that works.
  queue: 'network',
  params: Parameters,
  retries: [60],
  timeout: times.attempt + 600,
  async run(params, context) {
    const { signal, checkpoint, again, keep, progress, finish } = context;
    const kept = (context.kept as Kept | null) ?? { due: null, handled: [], open: null, runs: [], message: null };
    if (params.delay > 0 && kept.due === null) {
      kept.due = new Date(Date.now() + params.delay * 1_000).toISOString();
      return again(params.delay, (trx) => keep(trx, kept));
    }
    const left = kept.due === null ? 0 : Date.parse(kept.due) - Date.now();
    if (left > 0) return again(Math.ceil(left / 1_000));
    let skipped: Extract<Begun, { skipped: string }> | undefined;
    for (;;) {
      if (!kept.open) {
        const begun = await start(context, params, kept);
        if ('skipped' in begun) {
          skipped = begun;
          break;
        }
      }
      const { id, batch } = kept.open as NonNullable<Kept['open']>;
      progress({ done: kept.runs.length, unit: 'runs', ...(batch !== null && { message: batch }) });
      const ended = await waitFor(context, id, params.by.name).catch(async (error: unknown) => {
        // A retry of the step begins another run, also for that batch.
        if (error instanceof StepFailure)
          await checkpoint((trx) => keep(trx, { ...kept, open: null, handled: kept.handled.slice(0, -1) }));
        throw error;
      });
      if (!ended) return again(1);
      const runs = [...kept.runs, { id, batch, output: ended.output }];
      Object.assign(kept, { open: null, runs });
      if (params.step !== 'sync' && params.step !== 'sort') break;
      await checkpoint((trx) => keep(trx, kept));
      signal.throwIfAborted();
    }
    const { runs } = kept;
    const lack =
      skipped && runs.length === 0 ? skipped.skipped : runs.length === 1 ? lackOf(runs[0]?.output ?? null) : undefined;
    const result = lack === undefined ? 'completed' : skipped?.isWarning ? 'warning' : 'skipped';
    await finish(async () => ({ result, message: lack ?? null, runs }) satisfies StepOutput as never);
  },
});

/** Starts the next run and keeps it. A refusal ends the step. */
async function start(context: Context, params: Static<typeof Parameters>, kept: Kept): Promise<Begun> {
  try {
    return await context.checkpoint(async (trx) => {
      const begun = await begin(trx, context, params, kept.handled);
      if ('skipped' in begun) return begun;
      kept.open = { id: begun.run, batch: begun.batch?.name ?? null };
      if (begun.batch) kept.handled.push(begun.batch.id);
      await context.keep(trx, kept);
      return begun;
    });
  } catch (error) {
    const isRefusal = [StartRefused, BatchRefused, RunRefused].some((of) => error instanceof of);
    throw isRefusal ? new FinalFailure('refused', (error as Error).message, { cause: error }) : error;
  }
}

/**
 * The output of the run once it has ended; undefined: it goes on after the time of an attempt. Throws if it did not complete. A cancel of
 * this run cancels it, too.
 */
async function waitFor(
  { db, runs, signal }: Context,
  id: string,
  actor: string,
): Promise<{ output: Json } | undefined> {
  const end = performance.now() + times.attempt * 1_000;
  try {
    while (performance.now() < end) {
      const found = await findState(db, id);
      if (!found) throw new FinalFailure('unexpected', 'Its run is gone.');
      if (found.state === 'completed') return { output: found.output as Json };
      if (isFinished(found.state as State)) {
        const why = found.state === 'cancelled' ? 'Its run was cancelled.' : (found.error ?? 'Its run failed.');
        throw new FinalFailure((found.code as FailureCode | null) ?? 'cancelled', why);
      }
      await sleep(times.look, undefined, { signal });
    }
    return undefined;
  } catch (error) {
    if (signal.reason instanceof RunCancelled && !(error instanceof StepFailure))
      await db
        .transaction()
        .execute((trx) => runs.cancel(trx, id, actor))
        .catch((refused: unknown) => {
          // It has ended in this moment.
          if (!(refused instanceof RunRefused)) throw refused;
        });
    throw error;
  }
}
