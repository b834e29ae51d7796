import type { PipelineStatus } from '@at/contracts/pipeline';
import type { PipelineConfig } from '@at/contracts/pipeline-config';
import type { PipelineStep } from '@at/contracts/vocabulary';
import type { StepOutput } from '@at/domain/pipeline/tasks/step';
import type { RunReport } from '@at/runs/reports';
import { isFinished } from '@at/runs/states';
import type { Beginnings } from './queries.ts';

type Beginning = 'schedule' | 'watch';

const noWorker = 'No worker is running. Start one.';

/** What starts runs by itself; `inbox`: why that cannot be used, `problem`: why the times of the schedule never come. */
export function beginnings(
  { has_worker, by_clock, by_watch, watch: seen }: Beginnings,
  { schedule, watch }: Pick<PipelineConfig, Beginning>,
  { inbox, next, problem }: { inbox: string | null; next: Date | null; problem: string | null },
): Pick<PipelineStatus, Beginning> {
  const reason = inbox ?? (has_worker ? null : noWorker);
  const of = (enabled: boolean, found: string | null, next_at: string | null) => {
    const problem = enabled ? (reason ?? found) : null;
    return { enabled, problem, next_at: enabled && reason === null ? next_at : null };
  };
  return {
    schedule: {
      ...of(schedule.enabled, problem, next?.toISOString().replace('Z', '000Z') ?? null),
      last_run: by_clock,
    },
    watch: {
      ...of(watch.enabled, seen ? seen.problem : 'The watch has not begun yet.', seen?.due_at ?? null),
      last_run: by_watch,
    },
  };
}

/** The status that a run has; undefined: there is none. */
export function pipelineStatus(run: RunReport | undefined, isDebug: boolean): Omit<PipelineStatus, Beginning> {
  if (!run) {
    const nothing = { run_id: null, state: null, step: null, last_result: null, error: null };
    return { running: false, ...nothing, debug: { enabled: isDebug, waiting_for: null } };
  }
  const steps = run.steps.map(({ ref, state, output, error }) => {
    const reported = state === 'completed' ? (output as StepOutput | null) : null;
    const message = reported?.message ?? error?.message ?? null;
    const hasFailed = ['failed', 'timeout', 'cancelled'].includes(state);
    return {
      step: ref as PipelineStep,
      result: reported?.result ?? (hasFailed ? ('error' as const) : state === 'skipped' ? ('skipped' as const) : null),
      message: hasFailed && message === null ? 'It was cancelled.' : message,
      data: (reported?.runs ?? []).map(({ id, batch, output: data }) => ({ run_id: id, batch, output: data })),
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
