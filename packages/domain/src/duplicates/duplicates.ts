import type { DB } from '@at/db/schema';
import type { Transaction } from 'kysely';
import { decideAlone, writeDuplicates } from '../files/writes.ts';
import { NotFound, Refused } from '../refused.ts';
import { findGroupFiles, type GroupFile, writeOwn, writeUndecided } from './queries.ts';

// What a person decides about duplicates. Companions stay together: a file is kept, or is no duplicate, with all of its group.

export class DuplicateRefused extends Refused {
  override name = 'DuplicateRefused';
}

export const choices = ['keep', 'restore'] as const;
/** `keep`: the file is kept instead of the one that is kept now; `restore`: it is no duplicate to act on. */
export type Choice = (typeof choices)[number];

/** What became of a choice: the files whose states changed, or the moves that have to be undone before. */
export type Chosen = { files: number[]; moves: number[] };

const isLate: Record<string, string> = {
  BATCHED: 'is in a batch',
  SYNCED: 'is in a batch and on the device',
  SORTED: 'is in the archive',
  ARCHIVED: 'is in the archive',
};

/**
 * Carries out a choice, unless files have to be moved back before. Throws NotFound and DuplicateRefused. `writes` false: only finds
 * out whether it is possible.
 */
export async function choose(
  trx: Transaction<DB>,
  id: number,
  choice: Choice,
  { writes = true }: { writes?: boolean } = {},
): Promise<Chosen> {
  await decideAlone(trx);
  const group = await findGroupFiles(trx, [id]);
  const file = group.find((one) => one.id === id);
  if (!file) throw new NotFound('File', `No file has the id ${id}, or it is missing. GET /api/duplicates lists them.`);
  if (file.status !== 'DUPLICATE')
    throw new DuplicateRefused(`${file.path} is no duplicate: it is ${file.status}. Load the list again.`);
  const own = group.filter(({ status }) => status === 'DUPLICATE');
  refuseMoving(own);
  const swaps = choice === 'keep' ? await findSwaps(trx, own) : [];
  const moves = own.flatMap(({ moved_by }) => moved_by ?? []);
  const files = [...own, ...swaps].map((one) => one.id);
  if (moves.length > 0 || !writes) return { files: [], moves };
  await writeOwn(
    trx,
    own.map((one) => one.id),
  );
  const undecided = await writeUndecided(
    trx,
    swaps.map((one) => one.id),
  );
  if (undecided < swaps.length)
    throw new DuplicateRefused('The file that is kept has just gone into a batch. Load the list again.');
  await writeDuplicates(trx, swaps);
  return { files, moves };
}

function refuseMoving(files: readonly GroupFile[]): void {
  const moving = files.find(({ is_moving }) => is_moving);
  if (moving) throw new DuplicateRefused(`${moving.path} is being moved. Wait until that has ended.`);
}

/** The files that are kept now, with their companions, each with the one of `own` that has its content. */
async function findSwaps(trx: Transaction<DB>, own: readonly GroupFile[]): Promise<{ id: number; keeper: number }[]> {
  const unsure = own.find(({ sha256 }) => sha256 === null);
  if (unsure) throw new DuplicateRefused(`${unsure.path} may have changed since it was compared. Scan first.`);
  const byContent = new Map(own.toReversed().map((one) => [one.sha256, one.id]));
  const keepers = own.flatMap(({ duplicate_of }) => duplicate_of ?? []);
  const kept = (await findGroupFiles(trx, keepers)).filter(({ status }) => status !== 'DUPLICATE');
  refuseMoving(kept);
  return kept.map(({ id, status, sha256, path, size }) => {
    const late = isLate[status];
    if (late) throw new DuplicateRefused(`${path} ${late}, and stays the file that is kept.`);
    if (status !== 'UNIQUE' && status !== 'NEW')
      throw new DuplicateRefused(`${path} belongs to the file that is kept and is ${status}. Scan first.`);
    const keeper = size > 0 && sha256 !== null ? byContent.get(sha256) : undefined;
    if (keepers.includes(id) && keeper === undefined)
      throw new DuplicateRefused(`${path} may have changed since it was compared. Scan first.`);
    if (keeper === undefined)
      throw new DuplicateRefused(
        `${path} belongs to the file that is kept and has no equal among the companions of this one. Companions stay together.`,
      );
    return { id, keeper };
  });
}
