import { FinalFailure, StepFailure, type TaskContext } from '@at/runs/task';
import { RootUnusable } from './roots.ts';

/** Seconds until the step begins again where another process has the root. */
const pause = 10;

/** Does the work of a step in roots. It begins again later if another process has one of them, and fails if one is not there. */
export async function whileUsable(
  { log, again }: Pick<TaskContext<unknown>, 'log' | 'again'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RootUnusable)) throw error;
    if (error.kind === 'held') throw new FinalFailure('disk_unavailable', error.message);
    if (error.kind === 'absent') throw new StepFailure('disk_unavailable', error.message, { cause: error });
    log.info(error.message);
    await again(pause);
  }
}
