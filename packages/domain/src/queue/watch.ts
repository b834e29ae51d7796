import { join } from 'node:path';
import type { Disk } from '@at/adapters/disk';
import { type FileIdentity, identify } from '@at/adapters/file-identity';
import type { QueueFolders, QueueSystems } from '@at/adapters/queue-systems';
import type { DB } from '@at/db/schema';
import type { Runs } from '@at/runs/runs';
import type { Log } from '@at/runs/task';
import type { Kysely } from 'kysely';
import { rootsOf } from './moves.ts';
import { findFailedWith, findKnownFiles, type KnownFile } from './queries.ts';
import { isComingBack } from './removals.ts';
import { allSteps, missingSettings, videoNameOf } from './rules.ts';
import { addItem, type ByHand } from './starts.ts';
import { forgetIgnored } from './writes.ts';

/** Directories below the watch folder that are searched. */
const deepest = 8;
/** Files that are looked at together, and that one query asks for. */
const batch = { stat: 32, known: 1_000 };

const starter: ByHand = { trigger: 'event', actor: { name: 'watcher', verified: true } };

type Seen = { identity: FileIdentity; since: number };

export type WatchOptions = {
  systems: QueueSystems;
  /** Milliseconds in which a file must not change. */
  settle: number;
  log: Log;
  now?: () => number;
};

/**
 * Finds files in the watch folder by looking, because network file systems do not report changes. Several workers may look at
 * one folder: the path of an item is unique.
 */
export class FolderWatch {
  readonly #options: Required<WatchOptions>;
  #seen = new Map<string, Seen>();
  /** What was said already, so that it is not said at each look. */
  #said = new Set<string>();
  /** Whether the latest look has seen every file. */
  #isWhole = false;

  constructor(options: WatchOptions) {
    this.#options = { now: () => performance.now(), ...options };
  }

  /** One look. Returns the items that it added. */
  async look<A extends { queue: QueueSystems }>(db: Kysely<DB>, runs: Runs<A>): Promise<number[]> {
    const { systems } = this.#options;
    const steps = allSteps(systems);
    const complaints = new Set<string>();
    const missing = new Set(steps.flatMap((step) => missingSettings[step](systems)));
    const roots = missing.size > 0 ? undefined : await this.#rootsOf(complaints);
    if (missing.size > 0) complaints.add(`The watch folder is not looked at: set ${[...missing].join(', ')}.`);
    const added: number[] = [];
    if (roots) {
      const rested = await this.#rested(roots, complaints);
      const paths = [...rested.keys()];
      for (let i = 0; i < paths.length; i += batch.known) {
        const some = paths.slice(i, i + batch.known);
        const known = new Map((await findKnownFiles(db, some)).map((file) => [file.file_path, file]));
        for (const path of some.filter((one) => isNew(known.get(one), rested.get(one) as FileIdentity))) {
          // The look may be older than the end of a run that moved the file.
          const file = await identify(Buffer.from(path), systems.disk).catch(() => undefined);
          if (!file || !isSame(file, rested.get(path) as FileIdentity)) continue;
          if (await isComingBack(db, file)) continue;
          const former = known.has(path) ? undefined : await this.#formerOf(db, file);
          const of = { path, file, steps, ...(former !== undefined && { former }) };
          const item = await db.transaction().execute((trx) => addItem(trx, runs, of, starter));
          if (item) added.push(item.id);
        }
      }
      // What could not be read may still be there.
      if (this.#isWhole) await forgetIgnored(db, roots.watch, [...this.#seen.keys()]);
    }
    this.#say(complaints);
    return added;
  }

  /** The failed item whose file this is, under a new name: its old path is empty. */
  async #formerOf(db: Kysely<DB>, file: FileIdentity): Promise<number | undefined> {
    for (const { id, file_path } of await findFailedWith(db, file)) {
      const isThere = await identify(Buffer.from(file_path), this.#options.systems.disk).catch(() => true);
      if (!isThere) return id;
    }
    return undefined;
  }

  async #rootsOf(complaints: Set<string>): Promise<QueueFolders | undefined> {
    try {
      const { folders, disk } = this.#options.systems;
      return await rootsOf(folders as QueueFolders, disk);
    } catch (error) {
      complaints.add(`The watch folder is not looked at. ${(error as Error).message}`);
      // What lies there later may be another disk.
      this.#seen.clear();
      return undefined;
    }
  }

  /** The files that have not changed for long enough. */
  async #rested({ watch, unprocessed }: QueueFolders, complaints: Set<string>): Promise<Map<string, FileIdentity>> {
    const { now, settle, systems } = this.#options;
    const { disk } = systems;
    const paths: string[] = [];
    const before = complaints.size;
    await findVideos(disk, Buffer.from(watch), unprocessed, 0, paths, complaints);
    this.#isWhole = complaints.size === before;
    const seen = new Map<string, Seen>();
    const rested = new Map<string, FileIdentity>();
    for (let i = 0; i < paths.length; i += batch.stat) {
      await Promise.all(
        paths.slice(i, i + batch.stat).map(async (path) => {
          const identity = await identify(Buffer.from(path), disk).catch(() => {
            this.#isWhole = false;
            return undefined;
          });
          if (!identity) return;
          const before = this.#seen.get(path);
          const isUnchanged = before !== undefined && isSame(before.identity, identity);
          const since = isUnchanged ? before.since : now();
          seen.set(path, { identity, since });
          if (isUnchanged && now() - since >= settle) rested.set(path, identity);
        }),
      );
    }
    this.#seen = seen;
    return rested;
  }

  #say(complaints: Set<string>): void {
    for (const complaint of complaints) if (!this.#said.has(complaint)) this.#options.log.warn(complaint);
    this.#said = complaints;
  }
}

const isSame = (one: FileIdentity, other: FileIdentity) => one.size === other.size && one.mtimeNs === other.mtimeNs;

/** Whether a file in the watch folder begins a new item, or makes the item of its path new again. */
function isNew(known: KnownFile | undefined, file: FileIdentity): boolean {
  if (!known) return true;
  if (known.is_active || known.is_away) return false;
  // The file of the item is in the library; or it is another version. An inode alone changes when a disk is mounted again.
  return known.new_path !== null || !isSame(known.file, file);
}

/** Adds the videos below a directory to `paths`. One that cannot be read does not hide the others. */
async function findVideos(
  disk: Disk,
  directory: Buffer,
  unprocessed: string,
  depth: number,
  paths: string[],
  complaints: Set<string>,
): Promise<void> {
  const entries = await disk.readdir(directory, { withFileTypes: true, encoding: 'buffer' }).catch((error: unknown) => {
    complaints.add(`A folder is passed over. ${(error as Error).message}`);
    return [];
  });
  for (const entry of entries) {
    const bytes = Buffer.concat([directory, Buffer.from('/'), entry.name]);
    const name = entry.name.toString();
    if (name.startsWith('.')) continue;
    if (!Buffer.from(name).equals(entry.name))
      complaints.add(`${bytes} is passed over: its name is no UTF-8. Rename it.`);
    else if (entry.isDirectory()) {
      if (bytes.toString() !== unprocessed && depth < deepest)
        await findVideos(disk, bytes, unprocessed, depth + 1, paths, complaints);
    } else if (entry.isFile() && videoNameOf(name)) paths.push(join(directory.toString(), name));
  }
}
