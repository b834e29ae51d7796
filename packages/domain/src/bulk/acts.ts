import type { FileSettings } from '@at/adapters/file-trash';
import { isTorrentLink, type Transmission, TransmissionError } from '@at/adapters/transmission';
import type { MediaOperation, MediaState, Operation, TrainingOperation } from '@at/contracts/bulk';
import { withLabelRule } from '@at/contracts/label-rule';
import type { FlagValues } from '@at/contracts/labels';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { Actor } from '../actor.ts';
import type { Log } from '../log.ts';
import { type Approvals, approve, removeTorrent } from '../media/torrents.ts';
import { changeMedia, type MediaWrite, namedChanges, putBack, restore, softDelete } from '../media/writes.ts';
import { findReleased, findRemoving } from '../titles/queries.ts';
import { linksOf, removeRelease, restoreRelease } from '../titles/releases.ts';
import { undoFlags, writeFlags } from '../titles/writes.ts';
import { type VersionedKeys, versionedKeys } from '../versioned-keys.ts';
import { findTorrentLink, type Outcome, type Outside, type OwedItem, type RunItem } from './queries.ts';
import { mediaOutcome, titleOutcome } from './rules.ts';

/** What an operation does to its items: the same as the single operations do, a batch at a time. */
export type Act = {
  /** Changes the items of a batch in one transaction, and says what became of each, in their order. */
  write: (trx: Kysely<DB>, items: RunItem[]) => Promise<Outcome[]>;
  /**
   * Where Transmission must agree before an item is written: asks it, then calls `write`, which throws when the item was
   * not written. Returns why it was not called; null: it was.
   */
  ask?: (db: Kysely<DB>, item: RunItem, write: (outside: Outside | null) => Promise<void>) => Promise<string | null>;
  /** What follows outside the database for items that are owed it. Throws nothing that the outside says. */
  follow: (item: OwedItem) => Promise<{ problem: string | null; outside: Outside | null }>;
};

export type Adapters = { files: FileSettings; transmission: Transmission; approvals: Approvals };

type Context = { db: Kysely<DB>; adapters: Adapters; log: Log; operation: Operation; actor: Actor };

/** The operation's act; its changes bear the name of `actor`. */
export function actOf(context: Context): Act {
  const { subject, inverse_of } = context.operation;
  if (subject === 'media') return inverse_of === null ? mediaAct(context) : mediaInverse(context);
  return inverse_of === null ? trainingAct(context) : trainingInverse(context);
}

const nothing = { problem: null, outside: null };

/** Outcomes for the items in their order, out of writes in any. */
function outcomesOf<W>(
  items: RunItem[],
  writes: W[],
  keyOf: (write: W) => string,
  toOutcome: (item: RunItem, write: W | undefined) => Outcome,
): Outcome[] {
  const byKey = new Map(writes.map((write) => [keyOf(write), write]));
  return items.map((item) => toOutcome(item, byKey.get(item.key)));
}
const hashOf = ({ hash }: { hash: string }) => hash;
const idOf = ({ imdb_id }: { imdb_id: string }) => imdb_id;

function mediaAct({ adapters, operation: { operation_id, action, change }, actor, log }: Context): Act {
  const operation = operation_id;
  type Writer = (trx: Kysely<DB>, target: VersionedKeys) => Promise<MediaWrite[]>;
  const writers: Record<MediaOperation, Writer> = {
    reingest: (trx, target) =>
      changeMedia(trx, { target, actor, action: 'reingest', change: namedChanges.reingest, skipSame: true, operation }),
    pipeline: (trx, target) =>
      changeMedia(trx, { target, actor, action: 'pipeline', change, skipSame: true, operation }),
    approve: (trx, target) =>
      changeMedia(trx, { target, actor, action: 'approve', change: namedChanges.approve, operation }),
    finish: (trx, target) =>
      changeMedia(trx, { target, actor, action: 'finish', change: namedChanges.finish, operation }),
    delete: (trx, target) => softDelete(trx, { target, actor, operation }),
    restore: (trx, target) => restore(trx, { target, actor, operation }),
  };
  const write = writers[action as MediaOperation];
  const removes = action === 'finish' || action === 'delete';
  // Deleting what is deleted, and restoring what is not, is done already.
  const refusal = ({ hash, before }: Pick<MediaWrite, 'hash' | 'before'>) =>
    action !== 'delete' && action !== 'restore' && before.deleted_at !== null
      ? `Media has been deleted: ${hash}`
      : null;
  return {
    write: async (trx, items) =>
      outcomesOf(items, await write(trx, versionedKeys(items)), hashOf, (item, written) => {
        const outcome = mediaOutcome(item, written, refusal);
        return { ...outcome, owed: removes && outcome.result === 'done' };
      }),
    ...(action === 'approve' ? { ask: askTransmission(adapters, log) } : {}),
    follow: async ({ key: hash, original_link }) => {
      const { removed, warning = null } = await removeTorrent(
        adapters,
        { hash, original_link },
        action === 'delete',
        log,
      );
      return { problem: warning, outside: removed.length > 0 ? { links: linksOf(removed, original_link) } : null };
    },
  };
}

function askTransmission(adapters: Adapters, log: Log): NonNullable<Act['ask']> {
  return async (db, { key: hash, version }, write) => {
    const item = await findTorrentLink(db, hash);
    // One that cannot be approved is not sent to Transmission; the write says why.
    if (!item || item.updated_at !== version || item.deleted_at !== null) {
      await write(null);
      return null;
    }
    const link = item.original_link?.trim() ?? '';
    if (!isTorrentLink(link)) return 'Media entry has no torrent link (original_link)';
    try {
      await approve(adapters, { hash, link }, log, ({ torrent, added }) => write(added ? { added: torrent } : null));
      return null;
    } catch (error) {
      if (!(error instanceof TransmissionError)) throw error;
      return `${error.message}${error.uncertain ? ' It may still add the torrent.' : ''}`;
    }
  };
}

const notFetched = 'The torrent and what it had downloaded do not come back; approve the item to fetch it anew.';

function mediaInverse({ adapters, operation: { operation_id, action }, actor }: Context): Act {
  return {
    write: async (trx, items) => {
      const undos = items.map(({ key, version, wanted }) => ({ hash: key, version, state: wanted as MediaState }));
      const writes = await putBack(trx, { undos, actor, operation: operation_id });
      return outcomesOf(items, writes, hashOf, (item, written) => {
        const outcome = mediaOutcome(item, written, () => null);
        if (outcome.result === 'conflict' || item.outside === null) return outcome;
        if (action === 'delete') return { ...outcome, problem: notFetched };
        return { ...outcome, result: 'done', owed: true };
      });
    },
    follow: async ({ outside }) => {
      try {
        if (outside?.added) await adapters.transmission.remove([outside.added], true);
        for (const link of outside?.links ?? []) await adapters.transmission.add(link);
        return nothing;
      } catch (error) {
        if (!(error instanceof TransmissionError)) throw error;
        const left = outside?.added ? 'The torrent is still in Transmission.' : 'The torrent was not added again.';
        return { problem: `${left} ${error.message}`, outside: null };
      }
    },
  };
}

function trainingAct({ db, adapters, operation: { operation_id, action, change }, actor, log }: Context): Act {
  const label = action as TrainingOperation;
  const flags = label === 'update' ? change : withLabelRule({ label });
  const removes = label === 'would_not_watch' && (adapters.files.enabled || adapters.transmission.configured);
  return {
    write: async (trx, items) => {
      const target = versionedKeys(items);
      const writes = await writeFlags(trx, { target, action: label, actor, change: flags, operation: operation_id });
      const released = removes
        ? await findReleased(
            trx,
            items.map(({ key }) => key),
          )
        : new Set();
      return outcomesOf(items, writes, idOf, (item, written) => {
        const outcome = titleOutcome(item, written);
        return { ...outcome, owed: outcome.result === 'done' && released.has(item.key) };
      });
    },
    follow: async ({ key, event_id }) => {
      const { file_deletion_warning: problem = null } = await removeRelease(db, adapters, key, event_id, log);
      return { problem, outside: null };
    },
  };
}

function trainingInverse({ db, adapters, operation: { operation_id }, actor, log }: Context): Act {
  return {
    write: async (trx, items) => {
      const undos = items.map(({ key, version, undoes, wanted }) => ({
        imdb_id: key,
        version,
        undoes: undoes as number,
        flags: wanted as FlagValues,
      }));
      const writes = await undoFlags(trx, { undos, actor, operation: operation_id });
      const removing = await findRemoving(
        trx,
        undos.map(({ undoes }) => undoes),
      );
      return outcomesOf(items, writes, idOf, (item, written) => {
        const outcome = titleOutcome(item, written);
        return { ...outcome, owed: outcome.result === 'done' && removing.has(item.undoes as number) };
      });
    },
    follow: async ({ undoes }) => {
      const { not_restored } = await restoreRelease(db, adapters, undoes as number, log);
      return { problem: not_restored.length > 0 ? not_restored.join(' ') : null, outside: null };
    },
  };
}
