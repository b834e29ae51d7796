import type { TaskContext } from '@at/runs/task';
import type { HeldRoots } from '../files/roots.ts';
import { leaveUnusable } from '../files/usable.ts';
import type { Left } from '../moves/quarantine.ts';
import { type Boundary, clearDirectory, namesInStaging } from './directory.ts';
import { type BatchRow, findBatchRoots, findNamedBatch, findSorted } from './queries.ts';
import { releaseFiles } from './release.ts';
import { BatchRefused, moveBatch } from './rules.ts';
import { stagingName } from './writes.ts';

const waits = 'Its files are in its folder still, and on its device. Say in the batch that they can go.';

type Context = Pick<TaskContext<unknown>, 'db' | 'signal' | 'checkpoint' | 'log' | 'run'>;

/**
 * Removes the directories of batches of which each file has its place, and what undone batches have left in the staging directory. A sorted
 * batch is CLEANED then; its manifest stays in its row. One of which the directory still has files waits until a person has said that the
 * device was cleaned; then they go to the quarantine. A directory with any other file is left as it is. Roots that are in use or not
 * usable are left to a later call. Can be repeated after an end at any line.
 */
export async function cleanBatches(
  context: Context,
  { dry_run, boundary }: { dry_run: boolean; boundary?: Boundary },
): Promise<{ removed: number; left: Left[] }> {
  const { db, signal, checkpoint, log } = context;
  const report = { removed: 0, left: [] as Left[] };
  const clear = async (held: HeldRoots, batch: BatchRow, isStaged: boolean) => {
    const others = await clearDirectory(held, batch, { isStaged, dry_run, boundary });
    for (const path of others)
      report.left.push({ path: `${path}`, reason: `It is in the directory of ${batch.name}.` });
    if (others.length > 0) return false;
    log.info({ batch: batch.name }, `The directory of ${batch.name} ${dry_run ? 'would be' : 'was'} removed.`);
    report.removed += 1;
    return true;
  };
  for (const batch of await findSorted(db)) {
    signal.throwIfAborted();
    if (batch.has_files && batch.device_cleaned_at === null) {
      report.left.push({ path: batch.name, reason: waits });
      continue;
    }
    if (batch.has_files) report.left.push(...(await releaseFiles(context, batch, { dry_run })));
    // A dry run has left its files where they are.
    if (batch.has_files && dry_run) {
      report.removed += 1;
      continue;
    }
    const refused = await leaveUnusable(context, batch.root_id, async (held) => {
      if (!(await clear(held, batch, false)) || dry_run) return;
      await checkpoint((trx) => moveBatch(trx, batch.id, 'CLEANED')).catch((error) => {
        // Its sorting was undone just now.
        if (!(error instanceof BatchRefused)) throw error;
      });
    });
    report.left.push(...refused);
  }
  for (const root of await findBatchRoots(db)) {
    signal.throwIfAborted();
    const refused = await leaveUnusable(context, root, async (held) => {
      for (const name of await namesInStaging(held)) {
        const batch = await findNamedBatch(db, name.toString());
        if (batch?.root_id === root && batch.status === 'CLEANED') await clear(held, batch, true);
        else if (!batch || batch.is_ready)
          report.left.push({ path: `${stagingName}/${name}`, reason: 'No unfinished batch has this name.' });
      }
    });
    report.left.push(...refused);
  }
  return report;
}
