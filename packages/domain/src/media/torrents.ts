import {
  hashOfLink,
  hashOfMagnet,
  isTorrentLink,
  notConfigured,
  type Transmission,
  TransmissionError,
  torrentHashes,
} from '@at/adapters/transmission';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { closeIntent, findIntent, type Intent, insertIntent, keepDone, retryIn, savePlan } from '../intents/queries.ts';
import type { Log } from '../log.ts';
import { insertRemoved, isRemoved, isUnwanted } from '../titles/queries.ts';
import { findLearnedHashes, findNeed, isDeleted, unneeded, withdrawTorrentRemovals } from './queries.ts';

// Torrents of media items in Transmission. Each change is written as an intent before Transmission is called, and a
// process that was killed leaves the rest to the next one.

/** Seconds until another attempt after Transmission failed. */
const retryAfter = 30;
/** Minutes in which Transmission may still add a torrent whose call did not return: it loads http links itself. */
const mayStillAdd = 10;

/** Links that add these torrents again: the item's own link if it has the hash, else a magnet link. */
export function linksOf(hashes: string[], originalLink: string | null): string[] {
  const link = originalLink?.trim() ?? '';
  return hashes.map((hash) =>
    isTorrentLink(link) && (hashOfLink(link) ?? hash) === hash ? link : `magnet:?xt=urn:btih:${hash}`,
  );
}

/** Links that add again what a removal takes away, if Transmission has these torrents. */
export function linksRemoved(
  { link, carried = [] }: Intent<'remove_torrent'>['plan'],
  hashes: string[] = [],
): string[] {
  return [...new Set([...carried, ...linksOf(hashes, link)])];
}

type Approval = {
  hash: string;
  link: string;
  owner: number;
  operation?: string | undefined;
  /** The intent of an attempt that was interrupted. */
  begun?: Intent<'approve'> | undefined;
};

/** Another process has begun to revert the approval, or has done so. */
class ApprovalOvertaken extends TransmissionError {
  constructor() {
    super('Another process took the approval for interrupted and undid it. Approve the item again.');
  }
}

/** A condition of an approval's intent: no process has begun to revert it since it was read. */
const isAsRead = ({ plan }: Intent<'approve'>) =>
  sql`plan ->> 'removing' is not distinct from ${plan.removing === undefined ? null : 'true'}::text`;

/**
 * Adds the item's torrent to Transmission, then calls `write`, which writes the item and calls `done` in the same
 * transaction. Returns whether the torrent is new. Throws TransmissionError if adding fails, or another process has reverted the
 * approval; if `write` throws, removes the new torrent and throws the same error.
 */
export async function approve(
  db: Kysely<DB>,
  transmission: Transmission,
  { hash, link, owner, operation, begun }: Approval,
  log: Log,
  write: (torrent: string, added: boolean, done: (trx: Kysely<DB>) => Promise<void>) => Promise<void>,
): Promise<boolean> {
  let intent = begun;
  if (!intent) {
    const expected = hashOfMagnet(link);
    const present = await transmission
      .present(expected === undefined ? undefined : [expected])
      .catch((error: unknown) => {
        // Only asked, so nothing can have been added.
        throw error instanceof TransmissionError
          ? new TransmissionError(error.message, { cause: error, failure: error.failure })
          : error;
      });
    intent = await insertIntent(db, 'approve', { hash, owner, operation, plan: { link, present } });
  }
  const planned = intent;
  try {
    const { hash: torrent, added } = await transmission.add(link);
    const isKnown = torrentHashes({ hash, original_link: link }).includes(torrent);
    planned.plan.torrent = torrent;
    if (!isKnown && !(await savePlan(db, planned, isAsRead(planned)))) throw new ApprovalOvertaken();
    const isNew = added || (begun !== undefined && !begun.plan.present.includes(torrent));
    await write(torrent, isNew, async (trx) => {
      await withdrawTorrentRemovals(trx, [hash]);
      const end = isKnown ? closeIntent : keepDone;
      if (!(await end(trx, planned, isAsRead(planned)))) throw new ApprovalOvertaken();
    });
    return isNew;
  } catch (error) {
    if (error instanceof ApprovalOvertaken) await revertAgain(db, transmission, planned, { owner, operation }, log);
    else if (!(error instanceof TransmissionError)) await revertApproval(db, transmission, planned, log);
    // Without a reply, it may still add the torrent; an interrupted attempt may have added it.
    else if (error.uncertain || begun) await retryIn(db, planned, retryAfter).catch(() => {});
    else await closeIntent(db, planned).catch(() => {});
    throw error;
  }
}

/** Removes the torrent of an approval that another process has reverted: it may have come only afterwards. */
async function revertAgain(
  db: Kysely<DB>,
  transmission: Transmission,
  { intent_id, hash, plan }: Intent<'approve'>,
  by: { owner: number; operation: string | undefined },
  log: Log,
): Promise<void> {
  // The other process is still at it, and removes the torrent.
  if (await findIntent(db, { intent_id } as Intent)) return;
  await revertApproval(db, transmission, await insertIntent(db, 'approve', { hash, plan, ...by }), log);
}

/**
 * Ends an approval that did not succeed: removes its torrent, unless another approval needs it. Returns why Transmission
 * failed; then another attempt follows.
 */
export async function revertApproval(
  db: Kysely<DB>,
  transmission: Transmission,
  intent: Intent<'approve'>,
  log: Log,
): Promise<string | undefined> {
  const { plan } = intent;
  return withTransmission(db, intent, log, async () => {
    const need = await findNeed(db, intent);
    if (need === undefined) return;
    if (need === 'wanted') {
      // The other approval may have found the torrent before this one removed it.
      if (plan.removing) await transmission.add(plan.link);
      await closeIntent(db, intent);
    } else if (need === 'contested') {
      await retryIn(db, intent, 1);
    } else {
      const found = await findAdded(transmission, intent);
      if (found.length > 0) {
        plan.removing = true;
        // Otherwise the approval has succeeded since.
        if (!(await savePlan(db, intent))) return;
        await transmission.remove(found, true);
      }
      const mayCome = found.length === 0 && plan.torrent === undefined && intent.age < mayStillAdd;
      if (mayCome) await retryIn(db, intent, retryAfter);
      else if (!(await closeIntent(db, intent, unneeded))) await retryIn(db, intent, 1);
    }
  });
}

/** The torrents that an approval added. */
async function findAdded(transmission: Transmission, { hash, plan }: Intent<'approve'>): Promise<string[]> {
  const expected = plan.torrent ?? hashOfMagnet(plan.link);
  const added = async (hashes: string[]) => {
    const ours = hashes.filter((one) => !plan.present.includes(one));
    return ours.length > 0 ? transmission.present(ours) : [];
  };
  if (expected !== undefined) return added([expected]);
  const found = await added(torrentHashes({ hash, original_link: plan.link }));
  if (found.length > 0) return found;
  try {
    // Only Transmission knows the hash behind this link: it names the torrent if it has it.
    return await added([(await transmission.add(plan.link)).hash]);
  } catch (error) {
    if (error instanceof TransmissionError && !error.uncertain) return [];
    throw error;
  }
}

/** Runs `work`; if it fails, another attempt follows later. Returns why it failed. */
async function withTransmission(
  db: Kysely<DB>,
  intent: Intent,
  log: Log,
  work: () => Promise<void>,
): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof TransmissionError)) {
      log.error({ err: error }, `The intent ${intent.action} of ${intent.hash} failed and will be retried`);
      return 'The database failed. Another attempt follows.';
    }
    log.warn({ err: error }, `The intent ${intent.action} of ${intent.hash} will be retried. ${error.message}`);
    await retryIn(db, intent, retryAfter).catch(() => {});
    return error.message;
  }
}

/**
 * Removes an item's torrents from Transmission; returns a warning on failure, and then another attempt follows. Without
 * an intent there is nothing to do, or Transmission is not configured.
 */
export async function removeTorrent(
  db: Kysely<DB>,
  transmission: Transmission,
  intent: Intent<'remove_torrent'> | null | undefined,
  log: Log,
): Promise<{ removed: string[]; warning?: string }> {
  if (!intent) return { removed: [], ...(transmission.configured ? {} : { warning: notConfigured }) };
  const { hash, plan, event_id } = intent;
  const isUndoable = event_id !== null || plan.media_event != null;
  let removed: string[] = [];
  const failure = await withTransmission(db, intent, log, async () => {
    const need = await findNeed(db, intent);
    if (need === undefined) return;
    // Another program has set the item to be downloaded since.
    if (need === 'wanted' && event_id === null && plan.torrent === undefined) {
      await closeIntent(db, intent);
      return;
    }
    const hashes = plan.torrent
      ? [plan.torrent]
      : [...torrentHashes({ hash, original_link: plan.link }), ...(await findLearnedHashes(db, hash))];
    const present = await transmission.present(hashes);
    // Committed before they go: the undo adds them again.
    plan.present = [...new Set([...(plan.present ?? []), ...present])];
    const isWithdrawn = isUndoable && present.length > 0 && !(await savePlan(db, intent));
    if (isWithdrawn) return;
    if (present.length > 0) removed = await transmission.remove(present, plan.with_data);
    const left = present.filter((one) => !removed.includes(one));
    if (left.length > 0) throw new TransmissionError(`Transmission still has the torrent ${left.join(' and ')}.`);
    const mine = plan.present;
    const wasOpen = await db.transaction().execute(async (trx) => {
      const current = await findIntent(trx, intent, { lock: true });
      if (!current) return false;
      await closeIntent(trx, current);
      // A process that was taken for dead may have removed some of them.
      const links = linksRemoved(plan, [...(current.plan.present ?? []), ...mine]);
      if (isUndoable && links.length > 0) await insertRemoved(trx, intent, { links });
      return true;
    });
    // Undone during the call, unless a process that took over has done it.
    if (!wasOpen && isUndoable && !plan.with_data && !(await isRemoved(db, intent)))
      for (const link of linksOf(mine, plan.link)) await transmission.add(link);
  });
  return failure === undefined ? { removed } : { removed, warning: failure };
}

/** Adds torrents again; returns the problem on failure. */
export async function addTorrents(
  db: Kysely<DB>,
  transmission: Transmission,
  intent: Intent<'add_torrent'>,
  log: Log,
): Promise<{ added: string[]; problem?: string }> {
  const was = 'The torrent was not added again';
  const added: string[] = [];
  let isGone = false;
  const failure = await withTransmission(db, intent, log, async () => {
    isGone = await isDeleted(db, intent.hash);
    for (const link of isGone ? [] : intent.plan.links) added.push((await transmission.add(link)).hash);
    // Removed again during the call, unless a process that took over has done it.
    if (!(await closeIntent(db, intent)) && added.length > 0 && (await isUnwanted(db, intent)))
      await transmission.remove(added, false);
  });
  if (isGone) return { added, problem: `${was}: its media item has been deleted since.` };
  if (failure === undefined) return { added };
  if (!transmission.configured) await closeIntent(db, intent);
  return { added, problem: `${was}. ${failure}` };
}
