import { StringEnum } from '@at/contracts/paging';
import { type PipelineStep, pipelineSteps } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { RunRefused } from '@at/runs/states';
import { defineTask, FinalFailure, type Json, type TaskContext } from '@at/runs/task';
import type { Transaction } from 'kysely';
import { type Static, Type } from 'typebox';
import { lackText } from '../../batches/lack.ts';
import type { BatchOutput } from '../../batches/make.ts';
import { BatchRefused } from '../../batches/rules.ts';
import { startBatch } from '../../batches/starts.ts';
import { startCleanup, startScan } from '../../files/starts.ts';
import { readPipelineConfig } from '../../pipeline-config/queries.ts';
import { StartRefused } from '../../refused.ts';
import { startSort } from '../../sorting/starts.ts';
import { startSync } from '../../sync/starts.ts';
import { countChildren, findBatchFor } from '../queries.ts';
import { type Failed, waitFor, waitTime } from '../wait-for.ts';

// A step of the run of all steps starts the run that does the work, as a person would, and waits for its end. So the work has one
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
  /** Those that it has started itself, also the failed ones. */
  started: string[];
};
/** `open`: the run that works; `joined`: another one has started it. */
type Open = { id: string; batch: { id: number; name: string } | null; joined: boolean };
type Kept = Pick<StepOutput, 'runs' | 'started'> & { due: string | null; handled: number[]; open: Open | null };
type Failure = Failed & { batch: Open['batch'] };

type Context = TaskContext<unknown>;
type Begun = Open | { skipped: string; isWarning?: boolean };

/** Starts the next run of a step. Throws StartRefused, BatchRefused and RunRefused. */
async function begin(
  trx: Transaction<DB>,
  { runs }: Pick<Context, 'runs'>,
  { step, by }: { step: PipelineStep; by: Static<typeof By> },
  handled: readonly number[],
): Promise<Begun> {
  const starter = { trigger: 'event', actor: by } as const;
  if (step === 'scan') return { batch: null, ...(await startScan(trx, runs, { starter })) };
  if (step === 'batch') return { batch: null, ...(await startBatch(trx, runs, starter)) };
  // What is purged is gone for good: only an admin asks for that, or the schedule.
  if (step === 'cleanup')
    return { batch: null, ...(await startCleanup(trx, runs, { starter, dry_run: false, purges: false })) };
  const { syncthing } = await readPipelineConfig(trx);
  const hasDevice = syncthing.folder_id !== '';
  if (step === 'sync' && !hasDevice) return { skipped: 'No device is configured: batches are sorted without one.' };
  if (step === 'sort' && hasDevice && !syncthing.auto_sort_after_sync)
    return { skipped: 'Batches are not sorted by themselves (syncthing.auto_sort_after_sync).' };
  if (step === 'sort' && hasDevice && syncthing.after_sync === 'ask')
    return { skipped: 'Choose syncthing.after_sync first: remove or keep.', isWarning: true };
  const batch = await findBatchFor(trx, step, { hasDevice, handled });
  if (!batch) return { skipped: step === 'sync' ? 'No batch waits for its sync.' : 'No batch waits to be sorted.' };
  const { id, joined } =
    step === 'sync'
      ? await startSync(trx, runs, { batch: batch.id, starter })
      : await startSort(trx, runs, { batch: String(batch.id), starter });
  return { id, joined, batch };
}

/** Why a run has made no batch; undefined: it has, or makes none. */
function lackOf(output: Json): string | undefined {
  const { created, reason, blocking_batch } = (output ?? {}) as Partial<BatchOutput>;
  return created === false && reason ? lackText(reason, blocking_batch ?? null) : undefined;
}

export const pipelineStep = defineTask<unknown, typeof Parameters>({
  name: 'files.step',
  title: 'Step of the file pipeline',
  // It waits in memory, so that a cancel reaches the run that works.
  queue: 'network',
  params: Parameters,
  retries: [60],
  timeout: waitTime + 600,
  async run(params, context) {
    const { db, run, signal, checkpoint, again, keep, finish } = context;
    const kept = (context.kept as Kept | null) ?? { due: null, handled: [], open: null, runs: [], started: [] };
    if (params.delay > 0 && kept.due === null) {
      kept.due = new Date(Date.now() + params.delay * 1_000).toISOString();
      return again(params.delay, (trx) => keep(trx, kept));
    }
    const left = kept.due === null ? 0 : Date.parse(kept.due) - Date.now();
    if (left > 0) return again(Math.ceil(left / 1_000));
    const failures: Failure[] = [];
    // A run shows the progress of its latest step, which is that of all of it.
    const before = await countChildren(db, run);
    const report = (message?: string) => {
      const done = before + kept.runs.length;
      context.progress({ done, unit: done === 1 ? 'run' : 'runs', ...(message !== undefined && { message }) });
    };
    report();
    let skipped: Extract<Begun, { skipped: string }> | undefined;
    for (;;) {
      const begun = kept.open ?? (await start(context, params, kept));
      if ('skipped' in begun) {
        skipped = begun;
        break;
      }
      const { id, batch } = begun;
      report(batch?.name);
      const ended = await waitFor(context, begun, params.by.name);
      if (!ended) return again(1);
      kept.open = null;
      if ('message' in ended) failures.push({ ...ended, batch });
      else kept.runs.push({ id, batch: batch?.name ?? null, output: ended.output });
      report();
      await checkpoint((trx) => keep(trx, kept));
      if (batch === null) break;
      signal.throwIfAborted();
    }
    const [failure] = failures;
    if (failure) {
      // A retry begins another run for each of them.
      const failed = new Set(failures.map(({ batch }) => batch?.id));
      const handled = kept.handled.filter((id) => !failed.has(id));
      await checkpoint((trx) => keep(trx, { ...kept, handled }));
      throw new FinalFailure(failure.code, failures.map(describe).join(' '));
    }
    const { runs, started = [] } = kept;
    const lack = runs.length === 0 ? skipped?.skipped : runs.length === 1 ? lackOf(runs[0]?.output ?? null) : undefined;
    const result = lack === undefined ? 'completed' : skipped?.isWarning ? 'warning' : 'skipped';
    await finish({ result, message: lack ?? null, runs, started } satisfies StepOutput as never);
  },
});

const describe = ({ batch, message }: Failure) => (batch ? `${batch.name}: ${message}` : message);

/** Starts the next run and keeps it. A refusal ends the step. */
async function start(context: Context, params: Static<typeof Parameters>, kept: Kept): Promise<Begun> {
  try {
    return await context.checkpoint(async (trx) => {
      const begun = await begin(trx, context, params, kept.handled);
      if ('skipped' in begun) return begun;
      kept.open = begun;
      // An earlier version kept none.
      kept.started ??= [];
      if (!begun.joined) kept.started.push(begun.id);
      if (begun.batch) kept.handled.push(begun.batch.id);
      await context.keep(trx, kept);
      return begun;
    });
  } catch (error) {
    const isRefusal = [StartRefused, BatchRefused, RunRefused].some((of) => error instanceof of);
    throw isRefusal ? new FinalFailure('refused', (error as Error).message, { cause: error }) : error;
  }
}
