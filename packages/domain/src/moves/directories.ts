import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { directoryBelow, topOf } from './queries.ts';

/** The rows of directories by their paths: each is found, or made, once. Paths are bytes, as the disk has them. */
export class Directories {
  readonly #tops = new Map<number, number>();
  readonly #known = new Map<string, number>();

  /** The id of the directory at a path in a root. */
  async inRoot(session: Kysely<DB>, root: number, path: Buffer): Promise<number> {
    const top = this.#tops.get(root) ?? (await topOf(session, root));
    this.#tops.set(root, top);
    return this.below(session, top, path);
  }

  /** The id of the directory at a path below another one. */
  below(session: Kysely<DB>, directory: number, path: Buffer): Promise<number> {
    // Latin-1 carries any bytes through a string.
    return this.#find(session, directory, path.toString('latin1'));
  }

  async #find(session: Kysely<DB>, directory: number, path: string): Promise<number> {
    if (path === '') return directory;
    const key = `${directory}/${path}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf('/');
    const parent = await this.#find(session, directory, path.slice(0, Math.max(slash, 0)));
    const id = await directoryBelow(session, parent, Buffer.from(path.slice(slash + 1), 'latin1'));
    this.#known.set(key, id);
    return id;
  }
}
