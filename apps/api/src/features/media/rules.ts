/** How a search finds media items. */
export type MediaSearch = 'id' | 'hash' | 'start' | 'part';

/**
 * The start of an IMDb id, or of a hash from six characters on; else part of the title, from three characters on by
 * its trigrams, for one or two by its start.
 */
export function searchOf(q: string): MediaSearch {
  const text = q.trim();
  if (/^tt\d+$/i.test(text)) return 'id';
  if (/^[0-9a-f]{6,40}$/i.test(text)) return 'hash';
  return [...text].length < 3 ? 'start' : 'part';
}

/** The IMDb ids that begin with `q` (`tt` and digits), as the range from the first text up to before the second. */
export function rangeOfId(q: string): [from: string, before: string] {
  const digits = q.trim().slice(2);
  const next = String(BigInt(digits) + 1n).padStart(digits.length, '0');
  // After nines come letters: no id begins with one.
  return [`tt${digits}`, next.length > digits.length ? 'ttz' : `tt${next}`];
}

type Running = { count: number; added: string | undefined; succeeded: boolean; ended: Promise<void>; end: () => void };

/**
 * Approvals of one item at the same time share its torrent: it is taken out again only when one of them added it, none
 * could be written, and the last has ended. Nobody waits for another's Transmission, but for a torrent being taken out.
 */
export class Approvals {
  readonly #running = new Map<string, Running>();

  /** `ask` says whether the torrent was added; `write` throws when the item cannot be written. */
  async run<A extends { torrent: string; added: boolean }>(
    hash: string,
    ask: () => Promise<A>,
    takeOut: (torrent: string) => Promise<unknown>,
    write: () => Promise<void>,
  ): Promise<A> {
    let group = this.#running.get(hash);
    while (group?.count === 0) {
      await group.ended;
      group = this.#running.get(hash);
    }
    if (!group) {
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      group = { count: 0, added: undefined, succeeded: false, ended, end };
      this.#running.set(hash, group);
    }
    group.count += 1;
    try {
      const answer = await ask();
      if (answer.added) group.added = answer.torrent;
      await write();
      group.succeeded = true;
      return answer;
    } finally {
      group.count -= 1;
      if (group.count === 0) {
        if (group.added !== undefined && !group.succeeded) await takeOut(group.added);
        this.#running.delete(hash);
        group.end();
      }
    }
  }
}
