import { type FoundGroup, type LeftReason, walkFiles } from '@at/adapters/file-thread';
import type { DB } from '@at/db/schema';
import { FinalFailure, type TaskContext } from '@at/runs/task';
import type { Kysely } from 'kysely';
import { followDirectories } from '../batches/directory.ts';
import { countKnown, findAbsent, findDirectories, findLatestFile } from './queries.ts';
import type { HeldRoots, UsableRoot } from './roots.ts';
import { companionsOf, isSuspicious, kindOfName } from './rules.ts';
import {
  type FoundFiles,
  insertDirectories,
  joinGroups,
  setDigests,
  takeDirectoryIds,
  writeFound,
  writeMissing,
} from './writes.ts';

// The first part of a scan: what is on the disk is compared with the rows, directory by directory. A directory whose digest is the
// one of the last scan costs nothing more.

/** Files, and directories, of one statement. */
const slice = 2_000;
/** Entries that the report of a scan names. */
const mostNamed = 200;

/** What is left out, and why. */
export class LeftOut {
  readonly counts: Record<string, number> = {};
  readonly named: { path: string; reason: string }[] = [];
  add(path: Uint8Array, reason: LeftReason | 'changing'): void {
    this.counts[reason] = (this.counts[reason] ?? 0) + 1;
    // A person has chosen what is ignored.
    if (reason !== 'ignored' && this.named.length < mostNamed)
      this.named.push({ path: Buffer.from(path).toString(), reason });
  }
}

export type Walked = { files: number; bytes: number; fresh: number; changed: number; missing: number };

type Known = { id: number; digest: Buffer | null; isSeen: boolean; isNew: boolean };

/** The walk does not cover these, and nothing in them becomes missing. */
const hides: ReadonlySet<LeftReason> = new Set(['ignored', 'other disk', 'other root', 'unreadable']);

/** Latin-1 carries any bytes through a string. */
const textOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const join = (directory: string, name: string) => (directory === '' ? name : `${directory}/${name}`);

/** Directories of a root by their paths. */
async function findTree(db: Kysely<DB>, root: number): Promise<Map<string, Known>> {
  const rows = await findDirectories(db, root);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const paths = new Map<number, string>();
  const pathOf = (id: number): string => {
    const known = paths.get(id);
    if (known !== undefined) return known;
    const { parent_id, name } = byId.get(id) as (typeof rows)[0];
    const path = parent_id === null ? '' : join(pathOf(parent_id), name.toString('latin1'));
    paths.set(id, path);
    return path;
  };
  return new Map(rows.map(({ id, digest }) => [pathOf(id), { id, digest, isSeen: false, isNew: false }]));
}

export type WalkSettings = { ignored: string[]; accept_missing: boolean };

/** Compares the files of a root, whose move lock is held, with their rows. Throws FinalFailure if more than half of them are gone. */
export async function walkRoot(
  context: TaskContext<unknown>,
  held: HeldRoots,
  { ignored, accept_missing }: WalkSettings,
  left: LeftOut,
): Promise<Walked> {
  const { db, signal, progress, checkpoint } = context;
  await followDirectories(held);
  const root = held.roots[0] as UsableRoot;
  const walk = new Walk(context, root.id, await findTree(db, root.id), left);
  const latest = await findLatestFile(db);
  for await (const group of walkFiles(root.path, { ignored, signal })) {
    await walk.take(group);
    progress({ done: walk.counts.files, unit: 'files', message: 'Looking through the directories' });
  }
  const { missing, uncovered } = await walk.end();
  if (missing.length > 0) {
    const known = await countKnown(db, root.id, latest, uncovered);
    if (isSuspicious(known, missing.length) && !accept_missing)
      throw new FinalFailure(
        'file_gone',
        `Of ${known} files in "${root.name}", ${missing.length} are gone. Check that the right disk is mounted at ${root.path}. If they were removed on purpose, start the scan again and accept that they are missing.`,
      );
    await held.check();
    for (let i = 0; i < missing.length; i += slice)
      walk.counts.missing += await checkpoint((trx) => writeMissing(trx, missing.slice(i, i + slice)));
  }
  return walk.counts;
}

class Walk {
  readonly counts: Walked = { files: 0, bytes: 0, fresh: 0, changed: 0, missing: 0 };
  readonly #context: TaskContext<unknown>;
  readonly #root: number;
  readonly #tree: Map<string, Known>;
  readonly #left: LeftOut;
  readonly #hidden = new Set<string>();
  /** Names in directories of which another group has the rest. */
  readonly #begun = new Map<number, Buffer[]>();
  readonly #missing: number[] = [];

  constructor(context: TaskContext<unknown>, root: number, tree: Map<string, Known>, left: LeftOut) {
    this.#context = context;
    this.#root = root;
    this.#tree = tree;
    this.#left = left;
  }

  /** Whether a path, or a directory above it, was left out. */
  #isHidden(path: string): boolean {
    if (this.#hidden.size === 0) return false;
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1))
      if (this.#hidden.has(path.slice(0, end))) return true;
    return this.#hidden.has('');
  }

  /** Writes what a group has of changed directories. */
  async take(group: FoundGroup): Promise<void> {
    const { db, checkpoint } = this.#context;
    for (const { path, reason } of group.left) {
      this.#left.add(path, reason);
      if (hides.has(reason)) this.#hidden.add(textOf(path));
    }
    for (const size of group.sizes) this.counts.bytes += Number(size);
    this.counts.files += group.ends.length;

    const paths = group.directories.map(({ path }) => textOf(path));
    const added = [...new Set(paths)].filter((path) => !this.#tree.has(path));
    const ids = await takeDirectoryIds(db, added.length);
    const directories = added.map((path, i) => {
      const id = ids[i] as number;
      this.#tree.set(path, { id, digest: null, isSeen: true, isNew: true });
      const slash = path.lastIndexOf('/');
      const parent = this.#tree.get(path.slice(0, Math.max(slash, 0))) as Known;
      return { id, parent_id: parent.id, name: bytesOf(path.slice(slash + 1)) };
    });

    let at = 0;
    const changed: { known: Known; path: string; from: number; to: number; found: FoundGroup['directories'][0] }[] = [];
    group.directories.forEach((found, i) => {
      const path = paths[i] as string;
      const known = this.#tree.get(path) as Known;
      const from = at;
      at += found.files;
      known.isSeen = true;
      if (known.digest === null || !found.digest || !known.digest.equals(found.digest))
        changed.push({ known, path, from, to: at, found });
    });
    if (changed.length === 0) return;

    const files = pick(group, changed);
    const ended = changed.filter(({ found }) => found.isLast);
    let first = 0;
    const names = new Map<number, Buffer[]>();
    for (const { known, from, to, found } of changed) {
      const all = [...(this.#begun.get(known.id) ?? []), ...files.names.slice(first, first + to - from)];
      first += to - from;
      if (found.isLast) {
        this.#begun.delete(known.id);
        names.set(known.id, all);
      } else this.#begun.set(known.id, all);
    }
    const groups = ended.flatMap(({ known }) =>
      companionsOf((names.get(known.id) as Buffer[]).map((name) => name.toString('latin1'))).map((some) => ({
        directory_id: known.id,
        names: some.map(bytesOf),
      })),
    );
    const former = ended.filter(({ known, found }) => !known.isNew && found.failed === undefined);
    const written = await checkpoint(async (trx) => {
      await insertDirectories(trx, this.#root, directories);
      const counts = files.names.length > 0 ? await writeFound(trx, files) : { fresh: 0, changed: 0 };
      await joinGroups(trx, groups);
      const absent = await this.#findAbsent(trx, former, names);
      const isShort = new Set(absent.map(({ directory_id }) => directory_id));
      // Without the digest the next scan looks again for what is gone, should this one end before it is written.
      const digests = ended.map(({ known, found }) => ({
        id: known.id,
        digest: isShort.has(known.id) || found.failed !== undefined ? null : (found.digest ?? null),
      }));
      await setDigests(trx, digests);
      return { ...counts, absent: absent.map(({ id }) => id) };
    });
    this.counts.fresh += written.fresh;
    this.counts.changed += written.changed;
    this.#missing.push(...written.absent);
  }

  async #findAbsent(
    db: Kysely<DB>,
    directories: { known: Known; path: string }[],
    names: Map<number, Buffer[]>,
  ): Promise<{ id: number; directory_id: number }[]> {
    if (directories.length === 0) return [];
    const ids = directories.map(({ known }) => known.id);
    const found = {
      directories: ids.flatMap((id) => (names.get(id) ?? []).map(() => id)),
      names: ids.flatMap((id) => names.get(id) ?? []),
    };
    const paths = new Map(directories.map(({ known, path }) => [known.id, path]));
    const absent = await findAbsent(db, ids, found);
    return absent.filter(
      ({ directory_id, name }) => !this.#isHidden(join(paths.get(directory_id) as string, name.toString('latin1'))),
    );
  }

  /** The files that are gone, those of directories that are gone among them; and the directories that this walk does not cover. */
  async end(): Promise<{ missing: number[]; uncovered: number[] }> {
    const gone: number[] = [];
    const uncovered: number[] = [];
    for (const [path, { id, isSeen }] of this.#tree) {
      if (this.#isHidden(path)) uncovered.push(id);
      else if (!isSeen) gone.push(id);
    }
    for (let i = 0; i < gone.length; i += slice) {
      const some = await findAbsent(this.#context.db, gone.slice(i, i + slice), { directories: [], names: [] });
      for (const { id } of some) this.#missing.push(id);
    }
    return { missing: this.#missing, uncovered };
  }
}

/** The files of some directories of a group. */
function pick(group: FoundGroup, parts: { known: Known; from: number; to: number }[]): FoundFiles {
  const length = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  const files: FoundFiles = {
    directories: [],
    names: [],
    sizes: new BigInt64Array(length),
    mtimes: new BigInt64Array(length),
    ctimes: new BigInt64Array(length),
    inodes: new BigInt64Array(length),
    links: new Uint32Array(length),
    kinds: [],
  };
  const names = Buffer.from(group.names.buffer, group.names.byteOffset, group.names.length);
  let at = 0;
  for (const { known, from, to } of parts) {
    for (const column of ['sizes', 'mtimes', 'ctimes', 'inodes'] as const)
      files[column].set(group[column].subarray(from, to), at);
    files.links.set(group.links.subarray(from, to), at);
    at += to - from;
    for (let i = from; i < to; i += 1) {
      const name = names.subarray(i === 0 ? 0 : group.ends[i - 1], group.ends[i]);
      files.directories.push(known.id);
      files.names.push(name);
      files.kinds.push(kindOfName(name.toString('latin1')));
    }
  }
  return files;
}
