import { identify } from '@at/adapters/file-identity';
import { clamp } from '@at/adapters/file-thread-work';
import { MoveError } from '@at/adapters/move-error';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { type MoveContext, mostAtOnce, moveGroups } from './journal.ts';
import { nameInQuarantine, quarantineRoots } from './quarantine.ts';
import { quarantineOf } from './quarantine-queries.ts';
import type { WantedMove } from './queries.ts';
import { type DoneMove, findDoneMoves, findRootsOf, type UndoOf } from './undo-queries.ts';

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
const lacksOriginal = 'The original was changed or removed since, so the copy stays.';
const isPlanned = 'Another move of the file, or a move to its old place, has not ended. Undo this one after it.';

/**
 * Brings files back to where a move with its companions, or the moves of a run, have taken them from. One whose place is taken by
 * another file gets a number. A copy goes to the quarantine, unless its original is not there any more. Can be repeated until nothing is open.
 */
export async function undoMoves(
  { passed, ...context }: MoveContext & { passed?: (undone: number) => void },
  of: UndoOf,
  run: string | null = null,
): Promise<UndoReport> {
  const report: UndoReport = { undone: [], kept: [], open: [] };
  const { roots: involved, copied } = await findRootsOf(context.db, of);
  if (involved.length === 0) return report;
  const quarantines = copied.length > 0 ? await quarantineRoots(context.db, copied) : new Map<number, number>();
  const roots = [...new Set([...involved, ...quarantines.values()])];
  const handled = new Set<string>();
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    context.signal?.throwIfAborted();
    let found: DoneMove[] = [];
    let groups: DoneMove[][] = [];
    let whole: DoneMove[][] = [];
    const reasons = new Map<string, string>();
    const choose = async (session: Kysely<DB>) => {
      found = await findDoneMoves(session, of, before, mostAtOnce);
      groups = independent(found.filter(({ companions }) => !handled.has(companions)));
      whole = [];
      for (const group of groups) {
        const reason = await whyNot(group);
        if (reason) reasons.set(group[0]?.companions as string, reason);
        else whole.push(group);
      }
      const directories = new Map<number, number>();
      for (const { to_root } of whole.flat().filter(({ action }) => action === 'copy'))
        if (!directories.has(to_root))
          directories.set(to_root, await quarantineOf(session, quarantines.get(to_root) ?? to_root));
      return whole.map((group) => group.map((move) => wayBack(move, directories)));
    };
    const { refused, moves, kept, missing, open } = await moveGroups(context, roots, choose, run);
    const [first] = found;
    if (!first) return report;
    before = groups.at(-1)?.[0]?.last ?? first.page_end;
    for (const { companions } of groups.flat()) handled.add(companions);
    for (const { id, companions } of groups.flat()) {
      const reason = reasons.get(companions);
      if (reason) report.kept.push({ move: id, reason });
    }
    const originals = new Map(whole.flat().map((move) => [move.file, move.id]));
    const original = (move: number) => originals.get(moves.get(move) ?? null) as number;
    for (const file of refused) report.kept.push({ move: originals.get(file) as number, reason: isPlanned });
    for (const move of missing) report.kept.push({ move: original(move), reason: changedSince });
    for (const { move, reason } of kept) report.kept.push({ move: original(move), reason });
    for (const { move, reason } of open) report.open.push({ move: original(move), reason });
    const left = new Set([...report.kept, ...report.open].map(({ move }) => move));
    report.undone.push(...whole.flat().flatMap(({ id }) => (left.has(id) ? [] : [id])));
    passed?.(report.undone.length);
  }
}

/** Something else than a file has the place. */
const unlessNoFile = (error: unknown) => {
  if (!(error instanceof MoveError)) throw error;
  return undefined;
};

/** Why a group stays where it is; undefined: it can go back. */
async function whyNot(group: DoneMove[]): Promise<string | undefined> {
  if (!group.every(({ is_there }) => is_there)) return changedSince;
  for (const { action, original } of group) {
    if (action !== 'copy') continue;
    const here = original && (await identify(Buffer.from(original.path, 'hex')).catch(unlessNoFile));
    if (!here || here.size !== original.size || String(clamp(BigInt(here.mtimeNs))) !== original.mtime_ns)
      return lacksOriginal;
  }
  return undefined;
}

function wayBack(
  { id, file, action, directory, name, to_root, status, batch }: DoneMove,
  directories: Map<number, number>,
): WantedMove {
  const move = { file: file as number, undoes: id };
  if (action === 'copy')
    return {
      ...move,
      action: 'quarantine',
      directory: directories.get(to_root) as number,
      name: nameInQuarantine(name),
    };
  return { ...move, directory, name, ...(status !== null && { status, batch }) };
}

/** The first groups that do not need each other's places, have no file twice, and have no more files than move at once. */
function independent(moves: DoneMove[]): DoneMove[][] {
  const groups = [...Map.groupBy(moves, ({ companions }) => companions).values()];
  const placeOf = (directory: number, name: Buffer) => `${directory} ${name.toString('hex')}`;
  const files = new Set<number | null>();
  const places = new Set<string>();
  const end = groups.findIndex((group) => {
    if (files.size + group.length > mostAtOnce) return true;
    const isUsed = ({ file, original, directory, name }: DoneMove) =>
      files.has(file) || (original && files.has(original.id)) || places.has(placeOf(directory, name));
    if (group.some(isUsed)) return true;
    for (const { file, original, directory, name, to_directory, to_name } of group) {
      files.add(file);
      if (original) files.add(original.id);
      places.add(placeOf(directory, name));
      places.add(placeOf(to_directory, to_name));
    }
    return false;
  });
  return end === -1 ? groups : groups.slice(0, end);
}
