import { pipelineSteps } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import type { PlannedStep } from '@at/runs/task';
import type { Transaction } from 'kysely';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { pipelineStep } from './tasks/step.ts';

/** The name of the run of five. */
export const pipelineRun = 'files.run';

/**
 * Starts the run of scan, batch, sync, sort and cleanup, or finds the one in progress. With `workflow.debug` a person approves each step
 * behind the first.
 */
export async function startPipeline<A>(
  trx: Transaction<DB>,
  runs: Runs<A>,
  starter: Extract<Starter, { actor: unknown }>,
): Promise<{ id: string; joined: boolean }> {
  const { debug, delays } = (await readPipelineConfig(trx)).workflow;
  const steps = pipelineSteps.map((step, n): PlannedStep<A> => {
    const before = pipelineSteps[n - 1];
    return {
      ref: step,
      task: pipelineStep,
      params: { step, by: starter.actor, delay: delays[step] },
      ...(before && { after: [before], approval: debug }),
    };
  });
  return runs.startPlan(trx, { name: pipelineRun, params: {}, steps, exclusive: 'join' }, { starter });
}
