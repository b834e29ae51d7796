import type { Disk } from './disk.ts';
import { codeOf, whatIsAt } from './file-identity.ts';
import { isBelow, nameOf, parentOf } from './file-names.ts';
import { MoveError } from './move-error.ts';

const keyOf = (directory: Buffer, root: Buffer) => `${directory.toString('hex')} ${root.toString('hex')}`;

/** The directories of moves that are done together: each is looked at once until `forget`. */
export class Directories {
  readonly #disk: Disk;
  readonly #known = new Set<string>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Looks at each again, such as after copies that took hours. */
  forget(): void {
    this.#known.clear();
  }

  /** Throws MoveError if a directory, symbolic links resolved, is not its root or below it. */
  async confine(directory: Buffer, root: Buffer): Promise<void> {
    const key = keyOf(directory, root);
    if (this.#known.has(key)) return;
    const real = await this.#disk.realpath(directory, 'buffer');
    if (!real.equals(root) && !isBelow(real, root))
      throw new MoveError('outside', `${directory} leads out of ${root}. Remove the symbolic link.`);
    this.#known.add(key);
  }

  /** Creates a directory without following a symbolic link out of the root; the root itself must be there. */
  async make(directory: Buffer, root: Buffer): Promise<void> {
    if (this.#known.has(keyOf(directory, root))) return;
    const parts: Buffer[] = [];
    let existing = directory;
    while (existing.length > root.length && !(await whatIsAt(existing, this.#disk))) {
      parts.push(existing);
      existing = parentOf(existing);
    }
    await this.confine(existing, root);
    for (const part of parts.reverse()) {
      await this.#disk.mkdir(part).catch((error) => {
        if (['ENOSPC', 'EDQUOT'].includes(codeOf(error))) {
          const message = `No space is left for the directory ${nameOf(part)} in ${parentOf(part)}. Free some.`;
          throw new MoveError('full', message, { cause: error });
        }
        if (codeOf(error) === 'ENOTDIR') {
          const message = `${parentOf(part)} is a file where a directory should be. Rename it, then retry.`;
          throw new MoveError('failed', message, { cause: error });
        }
        if (codeOf(error) !== 'EEXIST') throw error;
      });
      await this.#disk.syncDirectory(parentOf(part));
    }
    await this.confine(directory, root);
  }
}
