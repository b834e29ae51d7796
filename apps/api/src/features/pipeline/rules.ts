import type { PipelineStatus } from '@at/contracts/pipeline';
import type { PipelineStep } from '@at/contracts/vocabulary';
import type { StepOutput } from '@at/domain/pipeline/tasks/step';
import type { RunReport } from '@at/runs/reports';
import { isFinished } from '@at/runs/states';

/** The status that a run has; undefined: there is none. */
export function pipelineStatus(run: RunReport | undefined, isDebug: boolean): PipelineStatus {
  if (!run) {
    const nothing = { run_id: null, state: null, step: null, last_result: null, error: null };
    return { running: false, ...nothing, debug: { enabled: isDebug, waiting_for: null } };
  }
  const steps = run.steps.map(({ ref, state, output, error }) => {
    const said = state === 'completed' ? (output as StepOutput | null) : null;
    const message = said?.message ?? error?.message ?? null;
    const hasFailed = ['failed', 'timeout', 'cancelled'].includes(state);
    return {
      step: ref as PipelineStep,
      result: said?.result ?? (hasFailed ? ('error' as const) : state === 'skipped' ? ('skipped' as const) : null),
      message: hasFailed && message === null ? 'It was cancelled.' : message,
      data: (said?.runs ?? []).map(({ id, batch, output: data }) => ({ run_id: id, batch, output: data })),
    };
  });
  const errors = steps.flatMap(({ result, message }) => (result === 'error' && message !== null ? [message] : []));
  const inProgress = run.steps.find(({ state }) =>
    ['queued', 'running', 'retrying', 'stopping', 'lost'].includes(state),
  );
  const held = run.steps.find(({ state }) => state === 'held');
  return {
    running: !isFinished(run.state),
    run_id: run.id,
    state: run.state,
    step: (inProgress?.ref ?? null) as PipelineStep | null,
    last_result: { started_at: run.started_at, finished_at: run.finished_at, steps, errors },
    error: isFinished(run.state) ? (errors[0] ?? null) : null,
    debug: { enabled: isDebug, waiting_for: (held?.ref ?? null) as PipelineStep | null },
  };
}
