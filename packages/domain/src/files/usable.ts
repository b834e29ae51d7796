import { DiskError, DiskHangs } from '@at/adapters/disk';
import { MoveError } from '@at/adapters/move-error';
import { MarkerBroken } from '@at/adapters/root-marker';
import { FinalFailure, StepFailure, type TaskContext } from '@at/runs/task';
import { findRoot } from './queries.ts';
import { type HeldRoots, RootUnusable, withRoots } from './roots.ts';

/** Does the work of a step in roots. It begins again after `pause` seconds if another process has one of them, and fails if one is not there. */
export async function whileUsable(
  { log, again }: Pick<TaskContext<unknown>, 'log' | 'again'>,
  work: () => Promise<void>,
  pause = 10,
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

const isOfDisk = (error: unknown): error is Error =>
  [DiskError, DiskHangs, MoveError, MarkerBroken].some((kind) => error instanceof kind);

/**
 * Does work in a root that others do not need: one that is in use or not usable is left to a later call, and so is what a disk refused, which
 * is returned with its reason.
 */
export const leaveUnusable = (
  context: Pick<TaskContext<unknown>, 'db' | 'log'>,
  root: number,
  work: (held: HeldRoots) => Promise<void>,
): Promise<{ path: string; reason: string }[]> =>
  unlessUnusable(context, root, () => withRoots(context.db, [root], work));

/** The same for work that takes the locks itself. */
export async function unlessUnusable(
  { db, log }: Pick<TaskContext<unknown>, 'db' | 'log'>,
  root: number,
  work: () => Promise<void>,
): Promise<{ path: string; reason: string }[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RootUnusable) log.warn(error.message);
    else if (isOfDisk(error)) return [{ path: `${(await findRoot(db, root))?.path}`, reason: error.message }];
    else throw error;
  }
  return [];
}
