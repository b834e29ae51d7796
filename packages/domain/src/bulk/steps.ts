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
import { changeMedia, type MediaWrite, namedChanges, restore, restoreState, softDelete } from '../media/writes.ts';
import { findReleased, findRemoving } from '../titles/queries.ts';
import { linksOf, removeRelease, restoreRelease } from '../titles/releases.ts';
import { undoFlags, writeFlags } from '../titles/writes.ts';
import { type VersionedKeys, versionedKeys } from '../versioned-keys.ts';
import { findTorrentLink, type Outcome, type Outside, type OwedItem, type RunItem } from './queries.ts';
import { mediaOutcome, titleOutcome } from './rules.ts';

/** The steps of a bulk operation; for each item they do the same as the single endpoint. */
export type BulkSteps = {
  /** Changes the items of a batch in one transaction and returns their outcomes in the same order. */
  write: (trx: Kysely<DB>, items: RunItem[]) => Promise<Outcome[]>;
  /**
   * If Transmission must accept an item first: adds its torrent, then calls `write`, which throws if the item was not
   * written. Returns why it did not call `write`; null: it did.
   */
  addTorrent?: (
    db: Kysely<DB>,
    item: RunItem,
    write: (outside: Outside | null) => Promise<void>,
  ) => Promise<string | null>;
  /** Side effects after the write, for owed items. Returns errors of Transmission and the file system as `problem`. */
  afterWrite: (item: OwedItem) => Promise<{ problem: string | null; outside: Outside | null }>;
};

export type Adapters = { files: FileSettings; transmission: Transmission; approvals: Approvals };

type Context = { db: Kysely<DB>; adapters: Adapters; log: Log; operation: Operation; actor: Actor };

/** The steps of an operation; its changes have the actor `actor`. */
export function stepsOf(context: Context): BulkSteps {
  const { subject, inverse_of } = context.operation;
  if (subject === 'media') return inverse_of === null ? mediaSteps(context) : mediaInverse(context);
  return inverse_of === null ? trainingSteps(context) : trainingInverse(context);
}

const nothing = { problem: null, outside: null };

/** Outcomes in the order of the items, for writes in any order. */
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

function mediaSteps({ adapters, operation: { operation_id, action, change }, actor, log }: Context): BulkSteps {
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
  // Deleting a deleted item and restoring an active one change nothing.
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
    ...(action === 'approve' ? { addTorrent: addTorrentFirst(adapters, log) } : {}),
    afterWrite: async ({ key: hash, original_link }) => {
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

function addTorrentFirst(adapters: Adapters, log: Log): NonNullable<BulkSteps['addTorrent']> {
  return async (db, { key: hash, version }, write) => {
    const item = await findTorrentLink(db, hash);
    // Do not send an item that cannot be approved; `write` returns the reason.
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

const notFetched = 'The torrent and its data are not restored; approve the item to download it again.';

function mediaInverse({ adapters, operation: { operation_id, action }, actor }: Context): BulkSteps {
  return {
    write: async (trx, items) => {
      const undos = items.map(({ key, version, wanted }) => ({ hash: key, version, state: wanted as MediaState }));
      const writes = await restoreState(trx, { undos, actor, operation: operation_id });
      return outcomesOf(items, writes, hashOf, (item, written) => {
        const outcome = mediaOutcome(item, written, () => null);
        if (outcome.result === 'conflict' || item.outside === null) return outcome;
        if (action === 'delete') return { ...outcome, problem: notFetched };
        return { ...outcome, result: 'done', owed: true };
      });
    },
    afterWrite: async ({ outside }) => {
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

function trainingSteps({ db, adapters, operation: { operation_id, action, change }, actor, log }: Context): BulkSteps {
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
    afterWrite: async ({ key, event_id }) => {
      const { file_deletion_warning: problem = null } = await removeRelease(db, adapters, key, event_id, log);
      return { problem, outside: null };
    },
  };
}

function trainingInverse({ db, adapters, operation: { operation_id }, actor, log }: Context): BulkSteps {
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
    afterWrite: async ({ undoes }) => {
      const { not_restored } = await restoreRelease(db, adapters, undoes as number, log);
      return { problem: not_restored.length > 0 ? not_restored.join(' ') : null, outside: null };
    },
  };
}
