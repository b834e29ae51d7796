import { below } from '@at/adapters/file-names';
import { isDirectory } from '@at/adapters/staged-directory';
import type { BatchLack } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { RunCancelled } from '@at/runs/states';
import { StepFailure, type TaskContext } from '@at/runs/task';
import type { Kysely } from 'kysely';
import { findRoot, type Root } from '../files/queries.ts';
import { withRoots } from '../files/roots.ts';
import { Directories } from '../moves/directories.ts';
import { mostAtOnce, moveGroups } from '../moves/journal.ts';
import type { WantedMove } from '../moves/queries.ts';
import { type Boundary, followDirectories, publishDirectory, removeManifest } from './directory.ts';
import {
  type BatchRow,
  type Blocker,
  countBatches,
  countStates,
  eachCandidate,
  findAbandoned,
  findBatch,
  findBatchOf,
  findBlocker,
  findManifestFiles,
  findPlanned,
  findWaiting,
  isBeingMade,
  isTakenName,
} from './queries.ts';
import { type Chosen, markPlace, nameOfBatch, pathsInBatch, Selection, type Skipped } from './selection.ts';
import type { BatchParameters, BatchSettings } from './tasks/make.ts';
import { takeBack } from './undo.ts';
import { insertBatch, leaveBehind, nameRunAfter, noteArrived, selectAlone, setManifest, setReady } from './writes.ts';

/** What a selection of files has found. `settings` are those of the configuration. */
export type Selected = {
  files: Chosen[];
  bytes: number;
  lack: Exclude<BatchLack, 'blocked'> | undefined;
  skipped: Skipped[];
  skips: Selection['skips'];
};

/** Files after which a selection that is full looks at no more of them, only to name what fits into no batch. */
const enough = 100_000;

/** The files of the next batch. Reads only. */
export async function selectFiles(db: Kysely<DB>, source: number, settings: BatchSettings): Promise<Selected> {
  const selection = new Selection(settings);
  let seen = 0;
  await eachCandidate(db, { root: source, order: settings.order }, (group, smallest) => {
    selection.take(group);
    seen += group.length;
    return seen < enough || !selection.isFull(smallest);
  });
  const { groups, bytes, lack, skipped, skips } = selection;
  return { files: pathsInBatch(groups), bytes, lack, skipped, skips };
}

/** The first free name of a pattern. */
export async function nextName(db: Kysely<DB>, root: Root, { naming_pattern, day }: BatchSettings): Promise<string> {
  const most = (await countBatches(db)) + 10_000;
  for (let index = 1; index <= most; index += 1) {
    const name = nameOfBatch(naming_pattern, index, day);
    if (Buffer.byteLength(name) > 255) break;
    if (!(await isTakenName(db, root.id, name)) && !(await isDirectory(below(root.path, name)))) return name;
  }
  throw new StepFailure(
    'place_taken',
    `No name of the pattern ${naming_pattern} is free. Change the pattern, then retry.`,
  );
}

/** What a run of files.batch has as its output. */
export type BatchOutput = {
  created: boolean;
  batch_id: number | null;
  batch_name: string | null;
  file_count: number;
  size_bytes: number;
  reason: BatchLack | null;
  blocking_batch: Blocker | null;
  skipped: Skipped[];
  skips: Selection['skips'];
};

/** The output of a run that has made no batch. */
export const nothing: BatchOutput = {
  created: false,
  batch_id: null,
  batch_name: null,
  file_count: 0,
  size_bytes: 0,
  reason: null,
  blocking_batch: null,
  skipped: [],
  skips: {},
};

export type BatchContext = Pick<
  TaskContext<unknown>,
  'db' | 'run' | 'signal' | 'log' | 'progress' | 'checkpoint' | 'finish'
> & { boundary?: Boundary };

/**
 * Makes the next batch, or says why there is none. An attempt that is repeated goes on with the batch of the one before; one whose run is
 * cancelled undoes it.
 */
export async function makeBatch(parameters: BatchParameters, context: BatchContext): Promise<void> {
  const { db, run, signal, log, checkpoint, finish, boundary } = context;
  // What earlier runs have left.
  for (const id of await findAbandoned(db, run))
    await takeBack({ db, run, moves: null, log, signal }, id, 'Its run has ended before all files were there.');
  const begun = await findBatchOf(db, run);
  let skipped: Pick<BatchOutput, 'skipped' | 'skips'> = { skipped: [], skips: {} };
  let batch = begun;
  if (!batch) {
    const made = await beginBatch(parameters, context);
    if ('output' in made) return finish(made.output as never);
    batch = (await findBatch(db, made.id)) as BatchRow;
    skipped = made.skipped;
    await boundary?.('batch written');
  }
  try {
    const refused = await moveFilesOf(batch, parameters, context);
    const files = await findManifestFiles(db, batch);
    if (files.length === 0) throw new NothingMoved(refused);
    await withRoots(db, [parameters.batch], async (held) => {
      await mustBeMade(held.session, batch);
      await followDirectories(held);
      await removeManifest(held, batch);
      const manifest = await checkpoint((trx) => setManifest(trx, batch, files));
      await boundary?.('manifest kept');
      await publishDirectory(held, { ...batch, manifest }, boundary);
      await finish(async (trx) => {
        await setReady(trx, batch);
        await nameRunAfter(trx, run, batch);
        const { name, id } = batch;
        const size_bytes = files.reduce((sum, { size }) => sum + size, 0);
        const counts = { file_count: files.length, size_bytes };
        return {
          ...nothing,
          created: true,
          batch_id: id,
          batch_name: name,
          ...counts,
          ...skipped,
        } satisfies BatchOutput as never;
      });
    });
  } catch (error) {
    const isCancelled = signal.reason instanceof RunCancelled;
    if (!isCancelled && !(error instanceof NothingMoved)) throw error;
    const why = isCancelled ? 'Its run was cancelled.' : 'Each of its files was changed or removed.';
    await takeBack({ db, run, moves: null, log }, batch.id, why);
    if (isCancelled) throw error;
    if (error instanceof NothingMoved && error.message) throw new StepFailure('disk_refused', error.message);
    await finish({ ...nothing, reason: 'nothing_to_do' } as never);
  }
}

class NothingMoved extends Error {
  override name = 'NothingMoved';
}

/** Throws StepFailure if another run undoes a batch. */
async function mustBeMade(db: Kysely<DB>, { id, name }: BatchRow): Promise<void> {
  if (!(await isBeingMade(db, id)))
    throw new StepFailure('file_busy', `Another run undoes ${name}. Retry once it has ended.`);
}

/** Chooses the files of a batch and writes its rows, or says why there is none. */
async function beginBatch(
  { source, batch: root, settings }: BatchParameters,
  { db, run, checkpoint }: BatchContext,
): Promise<{ id: number; skipped: Pick<BatchOutput, 'skipped' | 'skips'> } | { output: BatchOutput }> {
  const place = (await findRoot(db, root)) as Root;
  // Another scan or person may change files between the selection and its rows.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const blocker = settings.allow_parallel ? undefined : await findBlocker(db);
    if (blocker) return { output: { ...nothing, reason: 'blocked', blocking_batch: blocker } };
    const { files, lack, skipped, skips } = await selectFiles(db, source, settings);
    if (lack) return { output: { ...nothing, reason: lack, skipped, skips } };
    const id = await checkpoint(async (trx) => {
      await selectAlone(trx);
      if (!settings.allow_parallel && (await findBlocker(trx))) return undefined;
      const name = await nextName(trx, place, settings);
      return insertBatch(trx, { name, run, root, settings, files });
    });
    if (id !== undefined) return { id, skipped: { skipped, skips } };
  }
  throw new StepFailure(
    'file_busy',
    'The files changed while they were being selected. Retry once the scan has ended.',
  );
}

/**
 * Moves the files of a batch to its staging directory, group by group. Those that cannot be moved are left behind; returns why the first one
 * was.
 */
async function moveFilesOf(
  batch: BatchRow,
  { source, batch: root, settings }: BatchParameters,
  { db, run, signal, log, progress, checkpoint, boundary }: BatchContext,
): Promise<string | undefined> {
  const directories = new Directories();
  const copies = { action: 'copy', original_status: 'ARCHIVED' } as const;
  const becomes = { status: 'BATCHED', batch: batch.id, ...(settings.transfer_mode === 'copy' && copies) } as const;
  const choose = async (session: Kysely<DB>): Promise<WantedMove[][]> => {
    await mustBeMade(session, batch);
    // One more than fit says whether the last group is whole.
    const waiting = await findWaiting(session, { batch: batch.id, root: source, count: 2 * mostAtOnce });
    const groups: WantedMove[][] = [];
    let count = 0;
    for (const group of Map.groupBy(waiting, ({ companions }) => companions).values()) {
      count += group.length;
      if (count > mostAtOnce) break;
      const moves: WantedMove[] = [];
      for (const { file, path } of group) {
        const slash = path.lastIndexOf('/');
        const name = path.slice(slash + 1);
        const folder = Buffer.from(path.slice(0, Math.max(slash, 0)));
        const directory = await directories.below(session, batch.directory_id, folder);
        const stem = Buffer.byteLength(name.slice(0, markPlace(name, group.length > 1)));
        moves.push({ file, directory, name: Buffer.from(name), stem, ...becomes });
      }
      groups.push(moves);
    }
    return groups;
  };
  let refused: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const moved = await moveGroups({ db, signal, ...(boundary && { boundary }) }, [source, root], choose, run);
    await boundary?.('files moved');
    await checkpoint((trx) => noteArrived(trx, batch));
    await boundary?.('files noted');
    const { done, kept, open, moves } = moved;
    if (open[0]) throw new StepFailure('incomplete', open[0].reason);
    signal.throwIfAborted();
    const stays = kept.map(({ move, ...why }) => ({ file: moves.get(move) as number, ...why }));
    const left = await findPlanned(
      db,
      batch.id,
      stays.map(({ file }) => file),
    );
    const failed = stays.filter(({ file }) => left.includes(file));
    // The disk is full or lost: another attempt may succeed.
    const first = failed.find(({ stopsAll }) => stopsAll);
    if (first && done.length === 0) throw new StepFailure('disk_refused', first.reason);
    refused ??= failed[0]?.reason;
    for (const { file, reason } of stays) log.warn({ file }, `A file stays where it is. ${reason}`);
    if (stays.length > 0) await checkpoint((trx) => leaveBehind(trx, batch.id, stays));
    const { BATCHED: arrived = 0, PLANNED: waiting = 0 } = await countStates(db, batch.id);
    progress({ done: arrived, total: arrived + waiting, unit: 'files', message: `Moving files to ${batch.name}` });
    if (waiting === 0) return refused;
    if (moves.size === 0)
      throw new StepFailure('file_busy', `${waiting} files have a move that has not ended. Retry once it has.`);
  }
}
