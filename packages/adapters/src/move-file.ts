import type { MoveOptions, MovePlan, MoveProgress } from './file-move.ts';
import { type MoveResult, type MoveWay, moveFiles } from './move-files.ts';

/** Must be safe from a crash before its promise is fulfilled. */
export type RecordMove = (progress: MoveProgress) => Promise<void>;

/** `missing`: the file is neither here nor there, and a person must look; `kept`: a move that was given up has left it where it was. */
export type MoveOutcome = { state: 'done'; path: Buffer } | { state: 'missing' } | { state: 'kept' };

/**
 * Moves or copies one file so that no byte is lost, to a name that was free and never over anything; or gives the move up (`way`). The
 * caller keeps the plan and what `record` reports where a crash cannot reach them, the plan before the first call; after a crash it calls
 * again with all of it. Throws MoveError, errors of the file system, and the reason of the signal: then the source is as it was, unless the
 * target is whole already.
 */
export async function moveFile(
  plan: MovePlan,
  progress: MoveProgress,
  record: RecordMove,
  options: MoveOptions = {},
  way: MoveWay = 'move',
): Promise<MoveOutcome> {
  const save = async (all: Map<string, MoveProgress>) => {
    for (const made of all.values()) await record(made);
  };
  const result = (await moveFiles([[{ plan, progress }]], save, options, way)).get(plan.id) as MoveResult;
  if ((result.state === 'kept' && result.error === undefined) || result.state === 'done' || result.state === 'missing')
    return result;
  throw result.error;
}
