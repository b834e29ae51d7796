import { randomUUID } from 'node:crypto';
import { disk } from '@at/adapters/disk';
import { sha256Of } from '@at/adapters/file-copy';
import { codeOf, type FileIdentity } from '@at/adapters/file-identity';
import { below } from '@at/adapters/file-names';
import { clamp } from '@at/adapters/file-thread-work';
import { removeKnownFile } from '@at/adapters/remove-file';
import type { DB } from '@at/db/schema';
import type { TaskContext } from '@at/runs/task';
import type { Kysely } from 'kysely';
import { findPlaces } from '../files/places.ts';
import { findRoots, type Root } from '../files/queries.ts';
import { lookAtRoot, RootUnusable } from '../files/roots.ts';
import { leaveUnusable } from '../files/usable.ts';
import { type Expired, findExpired, findExpiredRoots, setPurged } from './quarantine-queries.ts';
import { signed } from './queries.ts';

// What is removed goes to the quarantine, from which it can be brought back until it is purged: to the configured one if that is on the
// same disk, so that nothing has to be copied, else to that of its own root.

/** The root that takes what is removed from each of these. */
export async function quarantineRoots(db: Kysely<DB>, roots: readonly number[]): Promise<Map<number, number>> {
  const chosen = (await findPlaces(db)).quarantine;
  const device = chosen && (await deviceOf(chosen));
  const rows = new Map((await findRoots(db)).map((root) => [root.id, root]));
  const quarantines = new Map<number, number>();
  for (const id of roots) {
    const root = rows.get(id);
    const isNear = chosen && device !== undefined && root && (await deviceOf(root)) === device;
    quarantines.set(id, isNear ? chosen.id : id);
  }
  return quarantines;
}

/** A name that no other file has, with the one that a person knows. */
export const nameInQuarantine = (name: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${randomUUID()}-`), name.subarray(-200)]);

/** undefined: the root is not usable. */
async function deviceOf(root: Root): Promise<string | undefined> {
  try {
    return (await lookAtRoot(root)).device;
  } catch (error) {
    if (error instanceof RootUnusable) return undefined;
    throw error;
  }
}

export type Left = { path: string; reason: string };

/** Files of one transaction. */
const slice = 100;

/**
 * Deletes what has been in the quarantine for so many days, if it is what the journal says; 0: nothing. Can be repeated after an end at any line. Roots
 * that are not usable, or in use, are left to a later call.
 */
export async function purgeQuarantine(
  { db, signal, checkpoint, log }: Pick<TaskContext<unknown>, 'db' | 'signal' | 'checkpoint' | 'log'>,
  { days, dry_run, boundary }: { days: number; dry_run: boolean; boundary?: (step: string) => void },
): Promise<{ purged: number; left: Left[] }> {
  const report = { purged: 0, left: [] as Left[] };
  if (days === 0) return report;
  for (const root of await findExpiredRoots(db, days)) {
    const refused = await leaveUnusable({ db, log }, root, async ({ session, check }) => {
      for (let after = 0; ; ) {
        signal.throwIfAborted();
        const expired = await findExpired(session, { root, days, after, count: slice });
        const last = expired.at(-1);
        if (!last) return;
        after = last.id;
        if (dry_run) {
          report.purged += expired.length;
          continue;
        }
        await check();
        const gone: { move: number; reason: string | null }[] = [];
        for (const move of expired) {
          const path = below(move.directory, move.name);
          const found = await removeKnownFile(path, below(move.directory, `.at-${move.key}.purged`), isOf(move));
          boundary?.('removed');
          if (found === 'other') report.left.push({ path: `${path}`, reason: 'It is not the file that was removed.' });
          else gone.push({ move: move.id, reason: found === 'absent' ? 'It was gone already.' : null });
          if (found === 'removed') log.info({ file: `${path}` }, `${path} was deleted.`);
        }
        await disk.syncDirectory(last.directory).catch(unlessRemoved);
        await checkpoint((trx) => setPurged(trx, gone));
        report.purged += gone.length;
      }
    });
    report.left.push(...refused);
  }
  return report;
}

/** A person has removed the directory. */
const unlessRemoved = (error: unknown) => {
  if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
};

/** By its inode, or by its content, because network disks give new inodes. */
const isOf =
  (move: Expired) =>
  async (path: Buffer, { size, mtimeNs, inode }: FileIdentity) => {
    const difference = clamp(BigInt(mtimeNs)) - BigInt(move.mtime_ns);
    if (size !== move.size || difference > 1_000n || difference < -1_000n) return false;
    return (
      signed(inode) === move.inode || (move.sha256 !== null && (await sha256Of(disk, path, undefined)) === move.sha256)
    );
  };
