import { type Disk, DiskHangs, disk as ownDisk } from './disk.ts';
import { changedFile, copyFile } from './file-copy.ts';
import { codeOf, type FileIdentity, identify, identityOf, isSame, whatIsAt } from './file-identity.ts';
import { below, nameOf, type OtherName, otherNames, parentOf } from './file-names.ts';
import { MoveError } from './move-error.ts';

// Moves one file so that no byte is lost: to a name that was free, never over anything, and from any interruption either
// finished or as it was. The caller keeps the plan and what `record` reports where a crash cannot reach them, the plan before
// the first call; after a crash it calls again with all of it.
//
// Same file system: link, sync the directory, unlink. Another one: copy to a name of our own beside the target, sync, read
// back, record, link, sync the directory, unlink both. A link never replaces, unlike a rename. The old name is set aside under a
// name of our own before it is removed, because it may be the target's (by another mount or in another case), and another
// program may have given it to another file.

export type MovePlan = {
  /** Unique for ever: it names the temporary file. */
  id: string;
  /** Real paths, and the real directories that they must not leave. Bytes, because a name need not be UTF-8. */
  from: Buffer;
  fromRoot: Buffer;
  /** Where it is to go. */
  to: Buffer;
  toRoot: Buffer;
  /** The file as it was when the move was planned. */
  source: FileIdentity;
  /** true: the original stays. */
  copies: boolean;
};

/** What earlier calls recorded. */
export type MoveProgress = {
  /** The name that was taken because the wanted one was not free. */
  name?: Buffer;
  /** The finished copy under the temporary name. */
  copied?: { inode: string; sha256: string };
};

/** Each must be safe from a crash before its promise is fulfilled. */
export type MoveRecord = {
  name(name: Buffer): Promise<void>;
  copied(copy: { inode: string; sha256: string }): Promise<void>;
};

/** `missing`: the file is neither here nor there, and a person must look. */
export type MoveOutcome = { state: 'done'; path: Buffer } | { state: 'missing' };

export type MoveOptions = {
  signal?: AbortSignal;
  otherName?: OtherName;
  /** Awaited between two steps, with the name of the one that is done. After `target synced` the old name is removed. */
  boundary?: (done: string) => void | Promise<void>;
  /** Instead of that of the process, for tests. */
  disk?: Disk;
};

async function syncDirectory(disk: Disk, directory: Buffer): Promise<void> {
  const handle = await disk.open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Throws MoveError if a directory, symbolic links resolved, is not its root or below it. */
async function confine(disk: Disk, directory: Buffer, root: Buffer): Promise<void> {
  const real = await disk.realpath(directory, 'buffer');
  if (real.equals(root) || real.subarray(0, root.length + 1).equals(Buffer.concat([root, Buffer.from('/')]))) return;
  throw new MoveError('outside', `${directory} leads out of ${root}. Remove the symbolic link.`);
}

const hasNoLinks = (error: unknown) => ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error));

class Move {
  readonly #plan: MovePlan;
  readonly #record: MoveRecord;
  readonly #options: MoveOptions;
  readonly #disk: Disk;
  readonly #part: Buffer;
  readonly #aside: Buffer;
  #to: Buffer;
  #copied: MoveProgress['copied'];

  constructor(plan: MovePlan, progress: MoveProgress, record: MoveRecord, options: MoveOptions) {
    this.#plan = plan;
    this.#record = record;
    this.#options = options;
    this.#disk = options.disk ?? ownDisk;
    this.#part = below(parentOf(plan.to), `.at-${plan.id}.part`);
    this.#aside = below(parentOf(plan.from), `.at-${plan.id}.gone`);
    this.#to = progress.name ? below(parentOf(plan.to), progress.name) : plan.to;
    this.#copied = progress.copied;
  }

  async run(): Promise<MoveOutcome> {
    const { from, fromRoot, to, toRoot, source, copies } = this.#plan;
    await this.#makeDirectory(parentOf(to), toRoot);
    if ((await whatIsAt(this.#aside, this.#disk)) && !(await this.#isPlaced())) await this.#putBack();
    const names = otherNames(to, this.#options.otherName ?? ((stem, extension, n) => `${stem} (${n})${extension}`));
    for (;;) {
      const there = await whatIsAt(this.#to, this.#disk);
      // Both names exist: from here on it ends sooner by going on.
      if (there?.identity && (this.#isOurs(there.identity) || (await this.#hasMoved(there.identity))))
        return this.#finish();
      if (await this.#dropLink()) throw changedFile(from);
      this.#options.signal?.throwIfAborted();
      // A finished copy counts even if the original has gone or changed since: it may be the last one.
      if (!(await this.#hasCopy())) {
        const here = await identify(from, this.#disk);
        if (!here) {
          await this.discard();
          return { state: 'missing' };
        }
        await confine(this.#disk, parentOf(from), fromRoot);
        if (!isSame(here, source)) throw changedFile(this.#plan.from);
      }
      if (there) await this.#take(names.next().value as Buffer);
      else await this.#place(copies);
    }
  }

  /** Creates a directory without following a symbolic link out of the root; the root itself must be there. */
  async #makeDirectory(directory: Buffer, root: Buffer): Promise<void> {
    const parts: Buffer[] = [];
    let existing = directory;
    while (existing.length > root.length && !(await whatIsAt(existing, this.#disk))) {
      parts.push(existing);
      existing = parentOf(existing);
    }
    await confine(this.#disk, existing, root);
    for (const part of parts.reverse()) {
      await this.#disk.mkdir(part).catch((error) => {
        if (codeOf(error) !== 'EEXIST') throw this.#explained(error);
      });
      await syncDirectory(this.#disk, parentOf(part));
    }
    await confine(this.#disk, directory, root);
  }

  /** The target is the source under another name, or our copy of it. */
  #isOurs(there: FileIdentity): boolean {
    const { source, copies } = this.#plan;
    if (this.#copied) return there.inode === this.#copied.inode && there.size === source.size;
    return !copies && isSame(there, source);
  }

  /** The target is the file, which was written since it left its old name. */
  async #hasMoved(there: FileIdentity): Promise<boolean> {
    const { from, source, copies } = this.#plan;
    if (copies || there.inode !== (this.#copied ?? source).inode) return false;
    return !(await whatIsAt(from, this.#disk)) && !(await whatIsAt(this.#aside, this.#disk));
  }

  /**
   * Removes the target if it is a link to the file in its old place that another program went on writing since: what is
   * written then must not change a file that counts as moved. Returns whether it was.
   */
  async #dropLink(): Promise<boolean> {
    const { from, source, copies } = this.#plan;
    if (copies || this.#copied) return false;
    const there = await this.#disk.lstat(this.#to, { bigint: true }).catch((error) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    const here = await whatIsAt(from, this.#disk);
    // With one link it is the old name itself, by another mount or in another case.
    if (!there?.isFile() || there.nlink < 2n || here?.identity?.inode !== source.inode) return false;
    const found = identityOf(there);
    if (found.inode !== source.inode || isSame(found, source)) return false;
    await this.#disk.unlink(this.#to);
    await syncDirectory(this.#disk, parentOf(this.#to));
    return true;
  }

  async #take(path: Buffer): Promise<void> {
    await this.#record.name(nameOf(path));
    this.#to = path;
    await this.#passed('name recorded');
  }

  /** Puts the file under the target's name, unless something has it by now. */
  async #place(copies: boolean): Promise<void> {
    const { from, source } = this.#plan;
    try {
      if (!copies && !this.#copied) {
        const isLinked = await this.#linkTo(from).catch((error) => {
          if (codeOf(error) === 'EXDEV') return undefined;
          throw error;
        });
        if (isLinked === false) return;
        if (isLinked) {
          const placed = await identify(this.#to, this.#disk);
          if (placed && isSame(placed, source)) return;
          // Another program has put another file in its place between the look and the link.
          await this.#undoLink(from);
          throw changedFile(this.#plan.from);
        }
      }
      if (!(await this.#hasCopy())) await this.#copy();
      await this.#linkTo(this.#part);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Removes the name that was given to another file, which keeps its own or gets it back. */
  async #undoLink(from: Buffer): Promise<void> {
    if (!(await whatIsAt(from, this.#disk))) await this.#disk.link(this.#to, from);
    await this.#disk.unlink(this.#to);
  }

  async #linkTo(existing: Buffer): Promise<boolean> {
    try {
      await this.#disk.link(existing, this.#to);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      if (!hasNoLinks(error)) throw error;
      return this.#claimAndRename(existing);
    }
    await this.#passed('linked');
    return true;
  }

  /**
   * Without hard links: an empty file claims the name, then the rename replaces that. A crash between the two leaves the empty
   * file, and the next call takes another name.
   */
  async #claimAndRename(existing: Buffer): Promise<boolean> {
    let claim: bigint;
    try {
      const file = await this.#disk.open(this.#to, 'wx');
      try {
        claim = (await file.stat()).ino;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      await this.#disk.rename(existing, this.#to);
    } catch (error) {
      // A disk that was lost may have renamed it all the same.
      if (error instanceof DiskHangs) throw error;
      if ((await whatIsAt(this.#to, this.#disk))?.identity?.inode === `${claim}`) await this.#disk.unlink(this.#to);
      throw error;
    }
    await this.#passed('renamed');
    return true;
  }

  async #hasCopy(): Promise<boolean> {
    const there = await identify(this.#part, this.#disk);
    return this.#copied !== undefined && there?.inode === this.#copied.inode && there.size === this.#plan.source.size;
  }

  async #copy(): Promise<void> {
    const { from, source } = this.#plan;
    // An earlier attempt's: nobody else uses the name.
    await this.discard();
    this.#copied = undefined;
    const { signal } = this.#options;
    const passed = (step: string) => this.#passed(step);
    const copied = await copyFile(this.#disk, { from, part: this.#part, source, signal, passed }).catch(
      async (error) => {
        // On a disk that does not respond it stays, until the move goes on or is given up.
        if (!(error instanceof DiskHangs)) await this.discard();
        throw error;
      },
    );
    await syncDirectory(this.#disk, parentOf(this.#part));
    await this.#record.copied(copied);
    this.#copied = copied;
    await this.#passed('copy recorded');
  }

  /** The target has the file: makes that durable, then removes the other names. */
  async #finish(): Promise<MoveOutcome> {
    const { copies } = this.#plan;
    await syncDirectory(this.#disk, parentOf(this.#to));
    await this.#passed('target synced');
    await this.discard();
    await this.#passed('copy removed');
    if (!copies) await this.#removeSource();
    return { state: 'done', path: this.#to };
  }

  /** Removes the old name, unless it is that of the target too, or another file has it by now. */
  async #removeSource(): Promise<void> {
    const { from, source } = this.#plan;
    const here = await whatIsAt(from, this.#disk);
    if (here?.identity && isSame(here.identity, source)) {
      await this.#disk.rename(from, this.#aside);
      await this.#passed('source set aside');
    }
    const aside = await whatIsAt(this.#aside, this.#disk);
    if (aside?.identity && isSame(aside.identity, source) && (await this.#isPlaced())) {
      await this.#disk.unlink(this.#aside);
      await this.#passed('source removed');
    } else {
      if (aside) await this.#putBack();
      if (await this.#dropLink()) throw changedFile(from);
      if (!aside) return;
      // The target has gone, unless it is the old name itself.
      if (!(await this.#isPlaced())) throw changedFile(this.#to);
    }
    await syncDirectory(this.#disk, parentOf(from));
  }

  /** Gives the old name back to what was set aside; a link replaces nothing. */
  async #putBack(): Promise<void> {
    const { from } = this.#plan;
    try {
      await this.#disk.link(this.#aside, from);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' && !hasNoLinks(error)) throw error;
      const [here, aside] = [await whatIsAt(from, this.#disk), await whatIsAt(this.#aside, this.#disk)];
      if (here && here.identity?.inode !== aside?.identity?.inode) {
        const message = `${from} is another file by now. The former one is ${this.#aside}: rename it.`;
        throw new MoveError('failed', message);
      }
      if (!here) return this.#disk.rename(this.#aside, from);
    }
    await this.#disk.unlink(this.#aside);
  }

  async #isPlaced(): Promise<boolean> {
    const there = await whatIsAt(this.#to, this.#disk);
    return there?.identity !== undefined && this.#isOurs(there.identity);
  }

  /** Finishes what has a target or a finished copy; undefined: it is as if it had not begun. */
  async settle(): Promise<MoveOutcome | undefined> {
    if ((await this.#isPlaced()) || (!this.#plan.copies && (await this.#hasCopy()))) return this.run();
    const there = await whatIsAt(this.#to, this.#disk);
    if (there?.identity && (await this.#hasMoved(there.identity))) return this.run();
    if (await whatIsAt(this.#aside, this.#disk)) await this.#putBack();
    await this.#dropLink();
    await this.discard();
    return undefined;
  }

  /** Takes it back if the file is still in its place and has no target; else as `settle`. */
  async abandon(): Promise<MoveOutcome | undefined> {
    const { from, source } = this.#plan;
    if (!(await this.#isPlaced())) {
      if (await whatIsAt(this.#aside, this.#disk)) await this.#putBack();
      const here = await whatIsAt(from, this.#disk);
      if (here?.identity && isSame(here.identity, source)) {
        await this.discard();
        return undefined;
      }
    }
    return this.settle();
  }

  /** Removes the temporary file. */
  async discard(): Promise<void> {
    await this.#disk.rm(this.#part, { force: true });
  }

  async #passed(step: string): Promise<void> {
    await this.#options.boundary?.(step);
  }

  #explained(error: unknown): unknown {
    const code = codeOf(error);
    if (!['ENOSPC', 'EDQUOT'].includes(code)) return error;
    const message = `No space is left in ${parentOf(this.#to)} (${code}). Free some; the file is still in its place.`;
    return new MoveError('full', message, { cause: error });
  }
}

/**
 * Moves or copies the file of a plan, or finishes what an earlier call began; `progress` is what that one recorded. Throws
 * MoveError, errors of the file system, and the reason of the signal: then the source is as it was, unless the target is
 * whole already.
 */
export function moveFile(
  plan: MovePlan,
  progress: MoveProgress,
  record: MoveRecord,
  options: MoveOptions = {},
): Promise<MoveOutcome> {
  return new Move(plan, progress, record, options).run();
}

/**
 * Ends a move that is given up, such as one whose plan no longer fits: what has a target or a finished copy is finished, because
 * that may be the last one. Returns undefined if the file is where it was.
 */
export function settleMove(
  plan: MovePlan,
  progress: MoveProgress,
  record: MoveRecord,
  options: MoveOptions = {},
): Promise<MoveOutcome | undefined> {
  return new Move(plan, progress, record, options).settle();
}

/**
 * Ends a move that a person has cancelled: without a target the file stays where it is, and a copy of it is removed. What has a
 * target, or a copy that may be the last one, is finished. Returns undefined if the file is where it was.
 */
export function abandonMove(
  plan: MovePlan,
  progress: MoveProgress,
  record: MoveRecord,
  options: MoveOptions = {},
): Promise<MoveOutcome | undefined> {
  return new Move(plan, progress, record, options).abandon();
}
