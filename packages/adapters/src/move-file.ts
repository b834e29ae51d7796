import type { MoveOptions, MovePlan, MoveProgress } from './file-move.ts';
import { type MoveResult, type MoveWay, moveFiles } from './move-files.ts';

// Moves one file so that no byte is lost: to a name that was free, never over anything, and from any interruption either
// finished or as it was. The caller keeps the plan and what `record` reports where a crash cannot reach them, the plan before
// the first call; after a crash it calls again with all of it.

/** Each must be safe from a crash before its promise is fulfilled. */
export type MoveRecord = {
  name(name: Buffer): Promise<void>;
  copied(copy: { inode: string; sha256: string }): Promise<void>;
};

/** `missing`: the file is neither here nor there, and a person must look. */
export type MoveOutcome = { state: 'done'; path: Buffer } | { state: 'missing' };

type Arguments = [plan: MovePlan, progress: MoveProgress, record: MoveRecord, options?: MoveOptions];

async function alone(way: MoveWay, [plan, progress, record, options]: Arguments): Promise<MoveResult> {
  const save = async (all: Map<string, MoveProgress>) => {
    for (const { name, copied } of all.values()) {
      if (name) await record.name(name);
      if (copied) await record.copied(copied);
    }
  };
  const results = await moveFiles([[{ plan, progress }]], save, options, way);
  return results.get(plan.id) as MoveResult;
}

/**
 * Moves or copies the file of a plan, or finishes what an earlier call began; `progress` is what that one recorded. Throws
 * MoveError, errors of the file system, and the reason of the signal: then the source is as it was, unless the target is
 * whole already.
 */
export async function moveFile(...of: Arguments): Promise<MoveOutcome> {
  const result = await alone('move', of);
  if (result.state === 'kept' || result.state === 'open') throw result.error;
  return result;
}

async function ended(way: MoveWay, of: Arguments): Promise<MoveOutcome | undefined> {
  const result = await alone(way, of);
  if (result.state === 'done') return result;
  if (result.state === 'open' || (result.state === 'kept' && result.error !== undefined)) throw result.error;
  return undefined;
}

/**
 * Ends a move that is given up, such as one whose plan no longer fits: what has a target or a finished copy is finished, because
 * that may be the last one. Returns undefined if the file is where it was.
 */
export const settleMove = (...of: Arguments): Promise<MoveOutcome | undefined> => ended('settle', of);

/**
 * Ends a move that a person has cancelled: without a target the file stays where it is, and a copy of it is removed. What has a
 * target, or a copy that may be the last one, is finished. Returns undefined if the file is where it was.
 */
export const abandonMove = (...of: Arguments): Promise<MoveOutcome | undefined> => ended('abandon', of);
