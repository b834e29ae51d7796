import { pipelineSteps } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import type { Timetable } from '@at/runs/schedules';
import type { PlannedStep } from '@at/runs/task';
import type { Transaction } from 'kysely';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { pipelineRun } from './queries.ts';
import { pipelineStep } from './tasks/step.ts';

/**
 * Starts the run of scan, batch, sync, sort and cleanup, or finds the one in progress. With `workflow.debug` a person approves each step
 * after the first, within `workflow.step_timeout_sec`.
 */
export async function startPipeline<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  starter: Starter,
): Promise<{ id: string; joined: boolean }> {
  const { debug, delays, step_timeout_sec } = (await readPipelineConfig(trx)).workflow;
  const by = starter.trigger === 'cron' ? { name: 'schedule', verified: true } : starter.actor;
  const steps = pipelineSteps.map((step, n): PlannedStep<A> => {
    const before = pipelineSteps[n - 1];
    return {
      ref: step,
      task: pipelineStep,
      params: { step, by, delay: delays[step] },
      ...(before && { after: [before], approval: debug }),
    };
  });
  return runs.startPlan(
    trx,
    { name: pipelineRun, params: { step_timeout_sec }, steps, exclusive: 'join' },
    { starter },
  );
}

/** The schedule of the configuration. */
export const pipelineTimetable = <A>(): Timetable<A> => ({
  name: pipelineRun,
  async times(db) {
    const { enabled, cron, timezone } = (await readPipelineConfig(db)).schedule;
    return enabled ? { cron, timeZone: timezone } : undefined;
  },
  start: startPipeline,
});
