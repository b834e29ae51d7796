import { type Transmission, TransmissionError, torrentHashes } from '@at/adapters/transmission';
import type { Log } from '../log.ts';

/** What becomes of an item's torrent when the item is approved, finished or deleted. */

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
    write: (answer: A) => Promise<void>,
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
      await write(answer);
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

/**
 * Adds the item's torrent to Transmission, then writes; true: it was not there before. Throws TransmissionError when it
 * was not added, and what `write` throws, after a torrent just added was taken out again.
 */
export async function approve(
  { transmission, approvals }: { transmission: Transmission; approvals: Approvals },
  { hash, link }: { hash: string; link: string },
  log: Log,
  write: (answer: { torrent: string; added: boolean }) => Promise<void>,
): Promise<boolean> {
  const ask = async () => {
    const { hash: torrent, added } = await transmission.add(link);
    return { torrent, added };
  };
  const takeOut = (torrent: string) =>
    transmission.remove([torrent], true).catch((error: Error) => {
      log.error(
        { err: error },
        `Torrent ${torrent} was added for ${hash}, which could not be approved, and is still there`,
      );
    });
  return (await approvals.run(hash, ask, takeOut, write)).added;
}

/** Takes the item's torrent out of Transmission; says why not where that cannot be. */
export async function removeTorrent(
  { transmission }: { transmission: Transmission },
  item: { hash: string; original_link: string | null },
  withData: boolean,
  log: Log,
): Promise<{ removed: string[]; warning?: string }> {
  try {
    return { removed: await transmission.remove(torrentHashes(item), withData) };
  } catch (error) {
    if (!(error instanceof TransmissionError)) throw error;
    if (transmission.configured) log.warn({ err: error }, error.message);
    return { removed: [], warning: error.message };
  }
}
