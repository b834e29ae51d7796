import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { type MoveContext, mostAtOnce, moveGroups } from './journal.ts';
import { type DoneMove, findDoneMoves, findRootsOf, type UndoOf } from './queries.ts';

// Takes moves back by moves in the other direction, the latest first.

export type UndoReport = {
  /** Moves that are undone. */
  undone: number[];
  /** Not undone, because the file was changed, moved or removed since, or because it could not be moved. */
  kept: { move: number; reason: string }[];
  /** Not yet: another attempt has to end them. */
  open: { move: number; reason: string }[];
};

const changedSince = 'The file was changed, moved or removed since.';
const isPlanned = 'Another move of the file, or a move to its old place, has not ended. Undo this one after it.';

/**
 * Brings files back to where a move with its companions, or the moves of a run, have taken them from. One whose place is taken by
 * another file gets a number. Can be repeated until nothing is open.
 */
export async function undoMoves(context: MoveContext, of: UndoOf, run: string | null = null): Promise<UndoReport> {
  const report: UndoReport = { undone: [], kept: [], open: [] };
  const roots = await findRootsOf(context.db, of);
  if (roots.length === 0) return report;
  const handled = new Set<string>();
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    context.signal?.throwIfAborted();
    let found: DoneMove[] = [];
    let groups: DoneMove[][] = [];
    let whole: DoneMove[][] = [];
    const choose = async (session: Kysely<DB>) => {
      found = await findDoneMoves(session, of, before, mostAtOnce);
      groups = independent(found.filter(({ companions }) => !handled.has(companions)));
      whole = groups.filter((group) => group.every(({ is_there }) => is_there));
      return whole.map((group) =>
        group.map(({ id, file, directory, name }) => ({ file: file as number, directory, name, undoes: id })),
      );
    };
    const { refused, moves, kept, missing, open } = await moveGroups(context, roots, choose, run);
    const [first] = found;
    if (!first) return report;
    before = groups.at(-1)?.[0]?.last ?? first.page_end;
    for (const { companions } of groups.flat()) handled.add(companions);
    for (const { id } of groups.filter((group) => !whole.includes(group)).flat())
      report.kept.push({ move: id, reason: changedSince });
    const originals = new Map(whole.flat().map((move) => [move.file, move.id]));
    const original = (move: number) => originals.get(moves.get(move) ?? null) as number;
    for (const file of refused) report.kept.push({ move: originals.get(file) as number, reason: isPlanned });
    for (const move of missing) report.kept.push({ move: original(move), reason: changedSince });
    for (const { move, reason } of kept) report.kept.push({ move: original(move), reason });
    for (const { move, reason } of open) report.open.push({ move: original(move), reason });
    const left = new Set([...report.kept, ...report.open].map(({ move }) => move));
    report.undone.push(...whole.flat().flatMap(({ id }) => (left.has(id) ? [] : [id])));
  }
}

/** The first groups that do not need each other's places, have no file twice, and have no more files than move at once. */
function independent(moves: DoneMove[]): DoneMove[][] {
  const groups = [...Map.groupBy(moves, ({ companions }) => companions).values()];
  const placeOf = (directory: number, name: Buffer) => `${directory} ${name.toString('hex')}`;
  const files = new Set<number | null>();
  const places = new Set<string>();
  const end = groups.findIndex((group) => {
    if (files.size + group.length > mostAtOnce) return true;
    if (group.some(({ file, directory, name }) => files.has(file) || places.has(placeOf(directory, name)))) return true;
    for (const { file, directory, name, to_directory, to_name } of group) {
      files.add(file);
      places.add(placeOf(directory, name));
      places.add(placeOf(to_directory, to_name));
    }
    return false;
  });
  return end === -1 ? groups : groups.slice(0, end);
}
