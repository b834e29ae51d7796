import { type Transmission, TransmissionError, torrentHashes } from '@at/adapters/transmission';
import type { Log } from '../log.ts';

type ApprovalGroup = {
  count: number;
  added: string | undefined;
  succeeded: boolean;
  ended: Promise<void>;
  end: () => void;
};

/**
 * Concurrent approvals of one item share its torrent: it is removed again only if one of them added it, no write succeeded,
 * and the last one has ended. An approval never waits for another's call to Transmission, only for a removal in progress.
 */
export class Approvals {
  readonly #running = new Map<string, ApprovalGroup>();

  /** `add` returns whether the torrent was added; `write` throws if writing the item fails. */
  async run<A extends { torrent: string; added: boolean }>(
    hash: string,
    add: () => Promise<A>,
    remove: (torrent: string) => Promise<unknown>,
    write: (added: A) => Promise<void>,
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
      const result = await add();
      if (result.added) group.added = result.torrent;
      await write(result);
      group.succeeded = true;
      return result;
    } finally {
      group.count -= 1;
      if (group.count === 0) {
        if (group.added !== undefined && !group.succeeded) await remove(group.added);
        this.#running.delete(hash);
        group.end();
      }
    }
  }
}

/**
 * Adds the item's torrent to Transmission, then writes the item. Returns whether the torrent is new. Throws
 * TransmissionError if adding fails; if `write` throws, removes the new torrent and throws the same error.
 */
export async function approve(
  { transmission, approvals }: { transmission: Transmission; approvals: Approvals },
  { hash, link }: { hash: string; link: string },
  log: Log,
  write: (result: { torrent: string; added: boolean }) => Promise<void>,
): Promise<boolean> {
  const add = async () => {
    const { hash: torrent, added } = await transmission.add(link);
    return { torrent, added };
  };
  const remove = (torrent: string) =>
    transmission.remove([torrent], true).catch((error: Error) => {
      log.error(
        { err: error },
        `Torrent ${torrent} was added for ${hash}, which was not approved; removing the torrent failed`,
      );
    });
  return (await approvals.run(hash, add, remove, write)).added;
}

/** Removes the item's torrent from Transmission; returns a warning on failure. */
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
