import { DiskHangs, disk } from '@at/adapters/disk';
import { codeOf } from '@at/adapters/file-identity';
import type { MoveOptions } from '@at/adapters/file-move';
import { below } from '@at/adapters/file-names';
import { clamp } from '@at/adapters/file-thread-work';
import { MoveError, stopsAll } from '@at/adapters/move-error';
import { type MoveResult, type MoveWay, moveFiles, type PlannedMove } from '@at/adapters/move-files';
import type { DB } from '@at/db/schema';
import type { Kysely, Transaction } from 'kysely';
import { type HeldRoots, RootUnusable, withRoots } from '../files/roots.ts';
import {
  type EndedMove,
  endMoves,
  findLeftRoots,
  findOpenMoves,
  insertPlans,
  type OpenMove,
  saveProgress,
  signed,
  unsigned,
  type WantedMove,
} from './queries.ts';

// Moves of files whose plans are rows: committed before the disk is touched, ended in one statement that writes where the files are,
// and carried out or undone by whichever process has the locks of both roots next. See infra/adr/0026-files.md.

/** Files in one call. */
export const mostAtOnce = 200;

export type MoveContext = Pick<MoveOptions, 'signal' | 'boundary'> & { db: Kysely<DB> };

/** What became of each of the moves. */
export type MoveReport = {
  done: { move: number; path: Buffer }[];
  /** They are where they were. `stopsAll`: others would not move either. */
  kept: { move: number; reason: string; stopsAll: boolean }[];
  missing: number[];
  /** Another attempt has to end them. */
  open: { move: number; reason: string }[];
};

/**
 * Moves files between roots, those of a list together or not at all, `mostAtOnce` at once. `choose` is called once earlier moves between
 * the roots have ended, so that an attempt that is repeated moves nothing twice; its transaction writes the plans. `refused`: files that are missing, have an open plan, or
 * whose place is planned for another one; `moves`: the file of each move. Throws RootUnusable before anything is planned.
 */
export async function moveGroups(
  context: MoveContext,
  ids: number[],
  choose: (trx: Transaction<DB>) => Promise<WantedMove[][]>,
  run: string | null,
): Promise<MoveReport & { refused: number[]; moves: Map<number, number> }> {
  const work = async (held: HeldRoots) => {
    const { session } = held;
    await replay(context, held);
    const rows = await session.transaction().execute(async (trx) => {
      const groups = await choose(trx);
      const { length } = groups.flat();
      if (length > mostAtOnce) throw new Error(`${length} files are too many: move ${mostAtOnce} at once.`);
      return length === 0 ? [] : insertPlans(trx, { groups, run, roots: ids });
    });
    if (rows.length === 0) return { ...emptyReport(), refused: [], moves: new Map<number, number>() };
    const refused = rows.flatMap(({ file, move }) => (move === null ? [file] : []));
    const moves = new Map(rows.flatMap(({ file, move }) => (move === null ? [] : [[move, file]])));
    await context.boundary?.('planned');
    const open = (await findOpenMoves(session, ids)).filter(({ id }) => moves.has(id));
    return { ...(await carryOut(context, held, open, 'move')), refused, moves };
  };
  return withRoots(context.db, ids, work);
}

/** Ends what earlier calls have left between roots whose locks are held: moves of runs that have ended are settled. */
async function replay(context: MoveContext, held: HeldRoots): Promise<MoveReport> {
  const all = await findOpenMoves(
    held.session,
    held.roots.map(({ id }) => id),
  );
  const report = emptyReport();
  for (const way of ['settle', 'move'] as const) {
    const open = all.filter(({ is_left }) => is_left === (way === 'settle'));
    const ended = await carryOut(context, held, open, way);
    for (const kind of ['done', 'kept', 'missing', 'open'] as const) report[kind].push(...(ended[kind] as never[]));
  }
  return report;
}

/**
 * Ends plans that have been open for so many minutes. Leaves roots that are in use to the process that uses them, and others that are not
 * usable to a later call.
 */
export async function replayLeft(context: MoveContext, minutes: number): Promise<MoveReport[]> {
  const reports: MoveReport[] = [];
  for (const roots of await findLeftRoots(context.db, minutes)) {
    context.signal?.throwIfAborted();
    try {
      reports.push(await withRoots(context.db, roots, (held) => replay(context, held)));
    } catch (error) {
      if (!(error instanceof RootUnusable)) throw error;
    }
  }
  return reports;
}

const emptyReport = (): MoveReport => ({ done: [], kept: [], missing: [], open: [] });
const bytes = (hex: string) => Buffer.from(hex, 'hex');
const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'The run that planned it has ended.');

/** Carries out plans, or settles them, and ends those that are over. */
async function carryOut(
  context: MoveContext,
  { session, roots, check }: HeldRoots,
  open: OpenMove[],
  way: MoveWay,
): Promise<MoveReport> {
  const report = emptyReport();
  if (open.length === 0) return report;
  const { signal, boundary } = context;
  const paths = new Map(roots.map(({ id, path }) => [id, path]));
  const groups = Map.groupBy(open, ({ companions }) => companions);
  const planned = [...groups.values()].map((group) => group.map((move) => plannedMove(move, paths)));
  const results = await moveFiles(
    planned,
    (progress) => saveProgress(session, progress),
    {
      check,
      // A cancelled run still settles the moves of ended ones.
      ...(signal && way === 'move' && { signal }),
      ...(boundary && { boundary }),
    },
    way,
  );
  const ended: EndedMove[] = [];
  for (const { id, key } of open) {
    const result = results.get(key) as MoveResult;
    const end = await endOf(id, key, result);
    if (!('state' in end)) {
      report.open.push({ move: id, reason: messageOf(end.error) });
      continue;
    }
    ended.push(end);
    if (result.state === 'done') report.done.push({ move: id, path: result.path });
    else if (result.state === 'missing') report.missing.push(id);
    else {
      const error = result.state === 'kept' ? result.error : undefined;
      report.kept.push({ move: id, reason: end.reason ?? '', stopsAll: stopsAll(error) });
    }
  }
  await boundary?.('moved');
  const known = new Set(await endMoves(session, ended));
  if (known.size !== ended.length) throw new Error('Moves were ended by another process.');
  await boundary?.('ended');
  const hanging = [...results.values()].find((result) => result.state === 'open' && result.error instanceof DiskHangs);
  if (hanging?.state === 'open') throw hanging.error;
  return report;
}

function plannedMove(move: OpenMove, roots: Map<number, Buffer>): PlannedMove {
  const { key, size, sha256, stem, copied_inode, copied_sha256 } = move;
  const directory = bytes(move.to_directory);
  return {
    plan: {
      id: key,
      from: below(bytes(move.from_directory), bytes(move.from_name)),
      fromRoot: roots.get(move.from_root) as Buffer,
      to: below(directory, bytes(move.to_name)),
      toRoot: roots.get(move.to_root) as Buffer,
      source: { size, mtimeNs: move.mtime_ns, inode: unsigned(move.inode) },
      copies: move.action === 'copy',
      ...(sha256 !== null && { sha256 }),
      ...(stem !== null && { stem }),
    },
    progress: {
      ...(copied_inode !== null &&
        copied_sha256 !== null && { copied: { inode: unsigned(copied_inode), sha256: copied_sha256 } }),
    },
  };
}

/** How a plan ends, with the file as it is at its new place; or why it stays open. */
async function endOf(id: number, key: string, result: MoveResult): Promise<EndedMove | { error: unknown }> {
  const nothing = { id, reason: null, is_changed: false, file: null };
  if (result.state === 'open') return { error: result.error };
  if (result.state === 'missing') return { ...nothing, state: 'missing' };
  if (result.state === 'kept') {
    const { error, by } = result;
    const is_changed = by === key && error instanceof MoveError && error.kind === 'changed';
    return { ...nothing, state: 'given_up', reason: messageOf(error), is_changed };
  }
  try {
    const { size, mtimeNs, ctimeNs, ino, nlink } = await disk.lstat(result.path, { bigint: true });
    const times = { mtime_ns: String(clamp(mtimeNs)), ctime_ns: String(clamp(ctimeNs)) };
    const file = { size: String(size), ...times, inode: signed(ino), links: Number(nlink) };
    return { ...nothing, state: 'done', file };
  } catch (error) {
    // Removed by another program just now: the next attempt says that it is missing.
    if (codeOf(error) === 'ENOENT' || error instanceof DiskHangs) return { error };
    throw error;
  }
}
