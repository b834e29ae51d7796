import { type Disk, DiskHangs } from './disk.ts';
import { changedFile, copyFile, sha256Of } from './file-copy.ts';
import { codeOf, type FileIdentity, identify, isSame, whatIsAt, whatIsWhole } from './file-identity.ts';
import { giveName, giveWhole, hasNoLinks } from './file-link.ts';
import { below, type OtherName, otherNameOf, parentOf } from './file-names.ts';
import type { Directories } from './move-directories.ts';
import { MoveError } from './move-error.ts';

// The steps by which one file moves; `move-files.ts` takes them in order, for many at once.
//
// Same file system: link, sync the directory, unlink. Another one: copy to a name of our own beside the target, sync, read
// back, record, link, sync the directory, unlink both. A link never replaces, unlike a rename. A name is set aside under one of
// our own before it is removed, because it may be the target's (by another mount or in another case), another program may have
// given it to another file, and this process may have slept while another one undid the move.

export type MovePlan = {
  /** Unique for ever: it names the temporary files. */
  id: string;
  /** Real paths, and the real directories that they must not leave. Bytes, because a name need not be UTF-8. */
  from: Buffer;
  fromRoot: Buffer;
  /** Where it is to go. */
  to: Buffer;
  toRoot: Buffer;
  /** The file as it was when the move was planned. */
  source: FileIdentity;
  /** In hexadecimal. Where it is known, it identifies a file that has another inode, as after a mount. */
  sha256?: string;
  /** true: the original stays. */
  copies: boolean;
  /** Bytes of the name that come before the mark of another name: what companions have in common. */
  stem?: number;
  /**
   * It is identified by its inode alone (`wholeIdentity`), so it may be a directory, or a file that is being written; it gets this very name, on
   * its file system, or stays. So nothing has to be recorded.
   */
  isWhole?: boolean;
};

/** What earlier calls recorded. */
export type MoveProgress = {
  /** The name that was taken because the wanted one was not free. */
  name?: Buffer;
  /** The finished copy under the temporary name. */
  copied?: { inode: string; sha256: string };
};

export type MoveOptions = {
  signal?: AbortSignal;
  otherName?: OtherName;
  /** Awaited between two steps, with the name of the one that is done. After `target synced` old names are removed. */
  boundary?: (done: string) => void | Promise<void>;
  /**
   * Throws if this process must not go on, because another one may have taken over or a disk is not mounted. Awaited before names
   * are given, unless it was within the last second, and before names are removed.
   */
  check?: () => Promise<void>;
  /** Instead of that of the process, for tests. */
  disk?: Disk;
};

type Means = {
  disk: Disk;
  directories: Directories;
  signal: AbortSignal | undefined;
  otherName: OtherName;
  passed: (step: string) => Promise<void>;
};

const unlessAbsent = (error: unknown) => {
  if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
};

/** The temporary names of a move. */
export const namesOf = ({ id, from, to }: MovePlan) => ({
  part: below(parentOf(to), `.at-${id}.part`),
  aside: below(parentOf(from), `.at-${id}.gone`),
  withdrawn: below(parentOf(to), `.at-${id}.back.gone`),
});

export class FileMove {
  readonly plan: MovePlan;
  /** Where it goes: not the path of the plan if that was taken. */
  path: Buffer;
  /** Whether the target has the file, as far as this call knows. */
  isPlaced = false;
  /** Whether something else has the name of the target. */
  isTaken = false;
  /** Whether this call has made a name. */
  isBegun = false;
  readonly #means: Means;
  readonly #disk: Disk;
  readonly #part: Buffer;
  readonly #aside: Buffer;
  readonly #withdrawn: Buffer;
  readonly #at: (path: Buffer) => Promise<{ identity?: FileIdentity } | undefined>;
  #source: FileIdentity;
  #copied: MoveProgress['copied'];

  constructor(plan: MovePlan, progress: MoveProgress, means: Means) {
    this.plan = plan;
    this.#means = means;
    this.#disk = means.disk;
    this.#at = (path) => (plan.isWhole ? whatIsWhole : whatIsAt)(path, means.disk);
    const own = namesOf(plan);
    this.#part = own.part;
    this.#aside = own.aside;
    this.#withdrawn = own.withdrawn;
    this.path = progress.name ? below(parentOf(plan.to), progress.name) : plan.to;
    this.#source = plan.source;
    this.#copied = progress.copied;
  }

  // Forward

  /** Looks at both ends, and makes the directory of the target. Throws if the file is not the one of the plan any more. */
  async look(): Promise<'ready' | 'missing'> {
    const { from, fromRoot, to, toRoot } = this.plan;
    const { directories, signal } = this.#means;
    await directories.make(parentOf(to), toRoot);
    await this.#restoreWithdrawn();
    if ((await this.#isThere(this.#aside)) && !(await this.#isAtTarget())) await this.#putBack();
    this.isPlaced = await this.#hasArrived();
    if (this.isPlaced) return 'ready';
    signal?.throwIfAborted();
    if (await this.#isWritten()) throw changedFile(from);
    // A finished copy counts even if another file has taken the place of the original: it may be the last one.
    if (await this.#hasCopy()) return 'ready';
    const here = this.plan.isWhole ? (await this.#at(from))?.identity : await identify(from, this.#disk);
    if (!here) {
      await this.discard();
      return 'missing';
    }
    await directories.confine(parentOf(from), fromRoot);
    if (!(await this.#isSource(here))) throw changedFile(from);
    return 'ready';
  }

  /** The n-th other name of the target; undefined if something has it. */
  async otherPath(n: number): Promise<Buffer | undefined> {
    const path = otherNameOf(this.plan.to, this.#means.otherName, n, this.plan.stem);
    return (await this.#isThere(path)) ? undefined : path;
  }

  /** Gives the file the target's name. `taken`: something has that name; `across`: the file has to be copied before. */
  async place(): Promise<'placed' | 'taken' | 'across'> {
    const found = this.#placeFile();
    if (!this.plan.isWhole) return found;
    const { from } = this.plan;
    const why = { taken: `${this.path} already exists.`, across: `${from} is on another disk than ${this.path}.` };
    const obstacle = await found.then(
      (state) => (state === 'placed' ? undefined : new MoveError('failed', why[state])),
      (error: unknown) => error,
    );
    // If it is there all the same, another attempt was quicker.
    this.isPlaced = obstacle === undefined || (await this.#isAtTarget());
    if (!this.isPlaced) throw obstacle;
    return 'placed';
  }

  async #placeFile(): Promise<'placed' | 'taken' | 'across'> {
    const { from, copies } = this.plan;
    const isCopy = copies || this.#copied !== undefined;
    if (isCopy && !(await this.#hasCopy())) return 'across';
    try {
      this.isTaken = !(await this.#linkTo(isCopy ? this.#part : from));
    } catch (error) {
      if (!isCopy && codeOf(error) === 'EXDEV') return 'across';
      throw this.#explained(error);
    }
    if (this.isTaken) return 'taken';
    this.isBegun = true;
    if (!isCopy) {
      const placed = (await this.#at(this.path))?.identity;
      if (!placed || !isSame(placed, this.#source)) {
        // It was written, or another program has put another file in its place between the look and the link.
        if (!(await this.#isThere(from)) && placed) await this.#give(this.path, from);
        await this.#withdraw();
        throw changedFile(from);
      }
    }
    this.isPlaced = true;
    return 'placed';
  }

  /** Takes the target's name back, unless it is the file's only one. Returns whether it did. */
  async unplace(): Promise<boolean> {
    if (!(await this.#isThere(this.plan.from))) return false;
    this.isPlaced = !(await this.#withdraw());
    return !this.isPlaced;
  }

  /** Copies the file to a name of our own. The caller syncs the directory and records the copy before it calls `copied`. */
  async copy(): Promise<{ inode: string; sha256: string }> {
    const { from } = this.plan;
    const { signal, passed } = this.#means;
    // Of an earlier attempt: nothing else uses the name.
    await this.discard();
    this.#copied = undefined;
    this.isBegun = true;
    try {
      return await copyFile(this.#disk, { from, part: this.#part, source: this.#source, signal, passed });
    } catch (error) {
      // On a disk that does not respond it stays, until the move goes on or is given up.
      if (!(error instanceof DiskHangs)) await this.discard();
      throw this.#explained(error);
    }
  }

  copied(copy: { inode: string; sha256: string }): void {
    this.#copied = copy;
  }

  /** Removes the temporary file. */
  async discard(): Promise<void> {
    await this.#disk.unlink(this.#part).catch(unlessAbsent);
  }

  /** Renames the file from its old name to one of our own, unless another file has the old name by now. */
  async setAside(): Promise<void> {
    const { from } = this.plan;
    const here = await this.#at(from);
    if (!here?.identity || !isSame(here.identity, this.#source)) return;
    await this.#disk.rename(from, this.#aside).catch(unlessAbsent);
    await this.#means.passed('source set aside');
  }

  /** Whether what was set aside can be removed; puts it back otherwise. Throws if the file was changed. */
  async isRemovable(): Promise<boolean> {
    const { from } = this.plan;
    const aside = await this.#at(this.#aside);
    if (aside?.identity && isSame(aside.identity, this.#source) && (await this.#isAtTarget())) return true;
    if (aside) await this.#putBack();
    if (await this.#isWritten()) throw changedFile(from);
    // The target has gone, unless it is the old name itself.
    if (aside && !(await this.#isAtTarget())) throw changedFile(this.path);
    return false;
  }

  /** Removes what was set aside; another process may have done so. */
  async removeAside(): Promise<void> {
    await this.#disk.unlink(this.#aside).catch(unlessAbsent);
    await this.#means.passed('source removed');
  }

  // Back

  /** Whether a move that is given up must be finished, because it may have the last copy. */
  async hasComeFar({ countsCopies }: { countsCopies: boolean }): Promise<boolean> {
    await this.#restoreWithdrawn();
    if (await this.#hasArrived()) return true;
    return countsCopies && !this.plan.copies && (await this.#hasCopy());
  }

  /**
   * Gives the file its old name alone, and removes what the move has made. `forward`: that is not possible, because another file has
   * the name or the copy is the last one, so the move has to be finished; without `restores` also because it has lost its old name.
   */
  async takeBack({ restores }: { restores: boolean }): Promise<'kept' | 'missing' | 'forward'> {
    const { from, copies } = this.plan;
    await this.#restoreWithdrawn();
    const isPlaced = await this.#hasArrived();
    if (await this.#isThere(this.#aside)) await this.#putBack();
    const here = await this.#at(from);
    const there = isPlaced ? (await this.#at(this.path))?.identity : undefined;
    if (copies || this.#copied) {
      // By inode alone: an original that was written since stays in its place.
      const isThere = here?.identity?.inode === this.#source.inode;
      if (there ? !isThere || this.#isTouched(there) : !isThere && !copies && (await this.#hasCopy())) return 'forward';
      if (there) await this.#withdraw();
    } else if (there) {
      if (!here && !restores) return 'forward';
      if (!here) await this.#restoreName();
      else if (here.identity?.inode !== there.inode) return 'forward';
      await this.#withdraw();
    } else await this.#dropLink();
    await this.discard();
    return here || (there && !copies) ? 'kept' : 'missing';
  }

  // Names and identities

  readonly #isThere = async (path: Buffer) => (await this.#at(path)) !== undefined;

  /** The target is the source under another name, or our copy of it. */
  #isOurs(there: FileIdentity): boolean {
    const source = this.#source;
    if (this.#copied) return there.inode === this.#copied.inode && there.size === source.size;
    return !this.plan.copies && isSame(there, source);
  }

  /** Whether another program has written the file in its old place since the move was planned. */
  async #isWritten(): Promise<boolean> {
    const here = (await this.#at(this.plan.from))?.identity;
    return here?.inode === this.#source.inode && !isSame(here, this.#source);
  }

  /** Whether another program has written the copy; its time is exact to a microsecond. */
  #isTouched({ mtimeNs }: FileIdentity): boolean {
    const difference = BigInt(mtimeNs) - BigInt(this.#source.mtimeNs);
    return difference > 1_000n || difference < -1_000n;
  }

  async #isAtTarget(): Promise<boolean> {
    const there = await this.#at(this.path);
    return there?.identity !== undefined && this.#isOurs(there.identity);
  }

  /** Whether the target has the file, also one that was written since it left its old name. */
  async #hasArrived(): Promise<boolean> {
    const there = await this.#at(this.path);
    // An empty directory is no reason for another one to stay.
    this.isTaken = there !== undefined && !this.plan.isWhole;
    if (!there?.identity) return false;
    if (this.#isOurs(there.identity)) return true;
    if (this.plan.copies || (await this.#isThere(this.plan.from)) || (await this.#isThere(this.#aside))) return false;
    if (there.identity.inode === (this.#copied ?? this.#source).inode) return true;
    // A disk that is mounted again can have other inodes.
    if (there.identity.size !== this.#source.size || !(await this.#hasContent(this.path))) return false;
    if (this.#copied) this.#copied = { ...this.#copied, inode: there.identity.inode };
    else this.#source = there.identity;
    return true;
  }

  /** Whether it is the file of the plan. Inodes can change when a disk is mounted again. */
  async #isSource(here: FileIdentity): Promise<boolean> {
    const { size, mtimeNs } = this.#source;
    if (isSame(here, this.#source)) return true;
    if (here.size !== size || here.mtimeNs !== mtimeNs || !(await this.#hasContent(this.plan.from))) return false;
    this.#source = here;
    return true;
  }

  async #hasContent(path: Buffer): Promise<boolean> {
    const { sha256 = this.#copied?.sha256 } = this.plan;
    return sha256 !== undefined && (await sha256Of(this.#disk, path, this.#means.signal)) === sha256;
  }

  async #hasCopy(): Promise<boolean> {
    if (!this.#copied) return false;
    const there = await identify(this.#part, this.#disk);
    return there?.inode === this.#copied.inode && there.size === this.#source.size;
  }

  #give(existing: Buffer, path: Buffer) {
    return (this.plan.isWhole ? giveWhole : giveName)(this.#disk, existing, path);
  }

  async #linkTo(existing: Buffer): Promise<boolean> {
    const given = await this.#give(existing, this.path);
    if (given) await this.#means.passed(given);
    return given !== undefined;
  }

  /**
   * Removes the target if it is a link to the file in its old place that another program went on writing since: what is
   * written then must not change a file that counts as moved.
   */
  async #dropLink(): Promise<void> {
    const there = (await this.#at(this.path))?.identity;
    if (there?.inode !== this.#source.inode || isSame(there, this.#source)) return;
    if ((await this.#at(this.plan.from))?.identity?.inode === there.inode) await this.#withdraw();
  }

  /** Removes the target's name from a file that has its old one too. Returns whether it did. */
  async #withdraw(): Promise<boolean> {
    const there = await this.#disk.lstat(this.path, { bigint: true }).catch(unlessAbsent);
    // With one link it is the old name itself, by another mount or in another case.
    if (!there || (!this.#copied && !this.plan.copies && there.nlink < 2n)) return false;
    await this.#disk.rename(this.path, this.#withdrawn);
    await this.#means.passed('target set aside');
    return this.#restoreWithdrawn();
  }

  /** Removes what was withdrawn if the file has another name, and gives it back otherwise. Returns whether it is removed. */
  async #restoreWithdrawn(): Promise<boolean> {
    const { from } = this.plan;
    const back = await this.#at(this.#withdrawn);
    if (!back) return false;
    const here = (await this.#at(from))?.identity;
    const isSpare = this.#copied
      ? back.identity?.inode === this.#copied.inode && here?.inode === this.#source.inode
      : back.identity !== undefined && here?.inode === back.identity.inode;
    if (isSpare) await this.#disk.unlink(this.#withdrawn).catch(unlessAbsent);
    else await this.#giveBack(this.#withdrawn, this.path);
    await this.#disk.syncDirectory(parentOf(this.path));
    return isSpare;
  }

  /** Gives the file the old name that the move has removed. */
  async #restoreName(): Promise<void> {
    const { from } = this.plan;
    if (!(await this.#give(this.path, from)))
      throw new MoveError('failed', `${from} is another file by now. The former one is ${this.path}.`);
    await this.#disk.syncDirectory(parentOf(from));
    await this.#means.passed('old name restored');
  }

  /** Gives the old name back to what was set aside. */
  #putBack(): Promise<void> {
    return this.#giveBack(this.#aside, this.plan.from);
  }

  /** A link replaces nothing. */
  async #giveBack(own: Buffer, name: Buffer): Promise<void> {
    try {
      await this.#disk.link(own, name);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' && !hasNoLinks(error)) throw error;
      const [here, mine] = [await this.#at(name), await this.#at(own)];
      if (here && here.identity?.inode !== mine?.identity?.inode) {
        const message = `${name} is another file by now. The former one is ${own}: rename it.`;
        throw new MoveError('failed', message);
      }
      if (!here) return this.#disk.rename(own, name);
    }
    await this.#disk.unlink(own).catch(unlessAbsent);
  }

  #explained(error: unknown): unknown {
    const code = codeOf(error);
    if (!['ENOSPC', 'EDQUOT'].includes(code)) return error;
    const message = `No space is left in ${parentOf(this.path)} (${code}). Free some; the file is still in its place.`;
    return new MoveError('full', message, { cause: error });
  }
}
