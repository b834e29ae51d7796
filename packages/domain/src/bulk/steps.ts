import { isTorrentLink, notConfigured, type Transmission, TransmissionError } from '@at/adapters/transmission';
import type { MediaOperation, Operation, TrainingOperation } from '@at/contracts/bulk';
import { withLabelRule } from '@at/contracts/label-rule';
import type { FlagValues } from '@at/contracts/labels';
import type { MediaState } from '@at/contracts/media';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { Actor } from '../actor.ts';
import { findIntentsOf, type Intent } from '../intents/queries.ts';
import type { Log } from '../log.ts';
import { approve, linksOf, removeTorrent } from '../media/torrents.ts';
import { planTorrents, revertTorrents } from '../media/undo.ts';
import { changeMedia, type MediaWrite, namedChanges, restore, restoreState, softDelete } from '../media/writes.ts';
import { insertRemovals } from '../titles/queries.ts';
import { type Adapters, planRestores, removalsOf, removeRelease, restoreRelease } from '../titles/releases.ts';
import { undoFlags, writeFlags } from '../titles/writes.ts';
import { type VersionedKeys, versionedKeys } from '../versioned-keys.ts';
import { findTorrentLink, type Outcome, type Outside, type OwedItem, type RunItem, type Settled } from './queries.ts';
import { mediaOutcome, skipped, titleOutcome } from './rules.ts';

/** The steps of a bulk operation; for each item they do the same as the single endpoint. */
export type BulkSteps = {
  /** Changes the items of a batch in one transaction and returns their outcomes in the same order. */
  write: (trx: Kysely<DB>, items: RunItem[]) => Promise<Outcome[]>;
  /**
   * If Transmission must accept an item first: adds its torrent, then calls `write`, which throws if the item was not
   * written, with what it added, nothing if Transmission had the torrent. Returns why it did not call `write`; null: it did.
   */
  addTorrent?: (
    db: Kysely<DB>,
    item: RunItem,
    write: (outside: Outside | null, close?: Close) => Promise<void>,
  ) => Promise<string | null>;
  /** With `addTorrent`: why it would refuse a current, active item without asking Transmission; null: it would ask. */
  refusal?: (db: Kysely<DB>, hash: string) => Promise<string | null>;
  /**
   * Side effects after the write, for owed items: does their intents. Returns errors of Transmission and the file system
   * as `problem`.
   */
  afterWrite: (db: Kysely<DB>, item: OwedItem) => Promise<Settled>;
};

/** Ends the intent of an item, in the transaction that writes it. */
export type Close = (trx: Kysely<DB>) => Promise<void>;

export type { Adapters };

export type Context = { adapters: Adapters; log: Log; operation: Operation; actor: Actor };

/** Intents of an operation belong to no process: as long as it goes on they are left to its run. */
const owner = 0;

/** The steps of an operation; its changes have the actor `actor`. */
export function stepsOf(context: Context): BulkSteps {
  const { subject, inverse_of } = context.operation;
  if (subject === 'media') return inverse_of === null ? mediaSteps(context) : mediaInverse(context);
  return inverse_of === null ? trainingSteps(context) : trainingInverse(context);
}

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

/** Open intents of an item by action, with at most one each. */
async function intentsOf(db: Kysely<DB>, operation: string, key: string) {
  const intents = await findIntentsOf(db, operation, key);
  const find = <A extends Intent['action']>(action: A) =>
    intents.find((one) => one.action === action) as Intent<A> | undefined;
  return { intents, find };
}

function mediaSteps({ adapters, operation: { operation_id, action, change }, actor, log }: Context): BulkSteps {
  const operation = operation_id;
  const { transmission } = adapters;
  const removes = action === 'finish' || action === 'delete';
  const removal = removes && transmission.configured ? { with_data: action === 'delete', owner } : undefined;
  type Writer = (trx: Kysely<DB>, target: VersionedKeys, items: RunItem[]) => Promise<MediaWrite[]>;
  const writers: Record<MediaOperation, Writer> = {
    reingest: (trx, target) =>
      changeMedia(trx, { target, actor, action: 'reingest', change: namedChanges.reingest, skipSame: true, operation }),
    pipeline: (trx, target) =>
      changeMedia(trx, { target, actor, action: 'pipeline', change, skipSame: true, operation }),
    // One at a time: its torrent comes first.
    approve: (trx, target, [item]) =>
      changeMedia(trx, {
        target,
        actor,
        action: 'approve',
        change: namedChanges.approve,
        keepSame: true,
        operation,
        added: item?.outside?.added,
      }),
    // An item that is complete may still have a torrent to remove.
    finish: (trx, target) =>
      changeMedia(trx, {
        target,
        actor,
        action: 'finish',
        change: namedChanges.finish,
        skipSame: removal === undefined,
        keepSame: true,
        operation,
        removal,
      }),
    delete: (trx, target) => softDelete(trx, { target, actor, operation, removal }),
    restore: (trx, target) => restore(trx, { target, actor, operation }),
  };
  const write = writers[action as MediaOperation];
  // Deleting a deleted item and restoring an active one change nothing.
  const refusal = ({ hash, before }: Pick<MediaWrite, 'hash' | 'before'>) =>
    action !== 'delete' && action !== 'restore' && before.deleted_at !== null
      ? `Media has been deleted: ${hash}`
      : null;
  return {
    write: async (trx, items) =>
      outcomesOf(items, await write(trx, versionedKeys(items), items), hashOf, (item, written) => {
        const outcome = mediaOutcome(item, written, refusal);
        // It was approved before, and Transmission had its torrent.
        const isSame = outcome.event_id === null && item.outside !== null && item.outside.added === undefined;
        if (isSame && outcome.result === 'done') return skipped(item, 'unchanged', null);
        return { ...outcome, owed: removes && outcome.result === 'done' };
      }),
    ...(action === 'approve'
      ? {
          addTorrent: addTorrentFirst(adapters, operation, log),
          refusal: async (db: Kysely<DB>, hash: string) =>
            refusalOf((await findTorrentLink(db, hash))?.original_link, transmission),
        }
      : {}),
    afterWrite: async (db, { key, original_link, event_id }) => {
      const { find } = await intentsOf(db, operation, key);
      const intent = find('remove_torrent');
      const { removed, warning = null } = await removeTorrent(db, transmission, intent, log);
      return {
        problem: warning,
        outside: removed.length > 0 ? { links: linksOf(removed, original_link) } : null,
        // The intent also knows what an interrupted attempt removed.
        isUnchanged: event_id === null && warning === null && intent !== undefined && !intent.plan.present?.length,
      };
    },
  };
}

/** Why the torrent of a link cannot be added, without asking Transmission. */
function refusalOf(link: string | null | undefined, transmission: Transmission): string | null {
  if (!isTorrentLink(link?.trim() ?? '')) return 'Media entry has no torrent link (original_link)';
  return transmission.configured ? null : notConfigured;
}

function addTorrentFirst(
  { transmission }: Adapters,
  operation: string,
  log: Log,
): NonNullable<BulkSteps['addTorrent']> {
  return async (db, { key: hash, version }, write) => {
    const item = await findTorrentLink(db, hash);
    // Do not send an item that cannot be approved; `write` returns the reason.
    if (!item || item.updated_at !== version || item.deleted_at !== null) {
      await write(null);
      return null;
    }
    const refusal = refusalOf(item.original_link, transmission);
    if (refusal !== null) return refusal;
    const link = item.original_link?.trim() ?? '';
    try {
      const begun = (await intentsOf(db, operation, hash)).find('approve');
      await approve(db, transmission, { hash, link, owner, operation, begun }, log, (torrent, added, close) =>
        write(added ? { added: torrent } : {}, close),
      );
      return null;
    } catch (error) {
      if (!(error instanceof TransmissionError)) throw error;
      return `${error.message}${error.uncertain ? ' It may still add the torrent.' : ''}`;
    }
  };
}

function mediaInverse({ adapters, operation: { operation_id, action }, actor, log }: Context): BulkSteps {
  const operation = operation_id;
  return {
    write: async (trx, items) => {
      const undos = items.map(({ key, version, undoes, wanted }) => ({
        hash: key,
        version,
        undoes,
        state: wanted as MediaState,
      }));
      const writes = await restoreState(trx, { undos, actor, operation });
      const outcomes = outcomesOf(items, writes, hashOf, (item, written) => mediaOutcome(item, written, () => null));
      const planned: Outcome[] = [];
      for (const [index, { key: hash, outside }] of items.entries()) {
        const outcome = outcomes[index] as Outcome;
        if (outcome.result === 'conflict' || outside === null) {
          planned.push(outcome);
          continue;
        }
        const { intents, problems } = await planTorrents(trx, action as MediaOperation, outside, {
          hash,
          owner,
          operation,
        });
        if (intents.length > 0) planned.push({ ...outcome, result: 'done', owed: true });
        else planned.push({ ...outcome, problem: problems.join(' ') || null });
      }
      return planned;
    },
    afterWrite: async (db, { key }) => {
      const { intents } = await intentsOf(db, operation, key);
      const { problems } = await revertTorrents(db, adapters.transmission, intents, log);
      return { problem: problems.join(' ') || null, outside: null };
    },
  };
}

function trainingSteps({ adapters, operation: { operation_id, action, change }, actor, log }: Context): BulkSteps {
  const label = action as TrainingOperation;
  const operation = operation_id;
  const flags = label === 'update' ? change : withLabelRule({ label });
  // Bulk operations need the role admin, so they may delete files for good.
  const actions = label === 'would_not_watch' ? removalsOf(adapters, true) : [];
  return {
    write: async (trx, items) => {
      const target = versionedKeys(items);
      const writes = await writeFlags(trx, { target, action: label, actor, change: flags, operation });
      const changed = writes.filter(({ event_id }) => event_id !== null);
      const intents =
        actions.length > 0 ? await insertRemovals(trx, changed, { actions, forGood: true, owner, operation }) : [];
      const released = new Set(intents.map(({ imdb_id }) => imdb_id));
      return outcomesOf(items, writes, idOf, (item, written) => {
        const outcome = titleOutcome(item, written);
        return { ...outcome, owed: outcome.result === 'done' && released.has(item.key) };
      });
    },
    afterWrite: async (db, { key }) => {
      const { intents } = await intentsOf(db, operation, key);
      const { file_deletion_warning: problem = null } = await removeRelease(db, adapters, key, intents, log);
      return { problem, outside: null };
    },
  };
}

function trainingInverse({ adapters, operation: { operation_id }, actor, log }: Context): BulkSteps {
  const operation = operation_id;
  return {
    write: async (trx, items) => {
      const undos = items.map(({ key, version, undoes, wanted }) => ({
        imdb_id: key,
        version,
        undoes: undoes as number,
        flags: wanted as FlagValues,
      }));
      const writes = await undoFlags(trx, { undos, actor, operation });
      const written = new Set(writes.filter(({ event_id }) => event_id !== null).map(idOf));
      const undone = undos.flatMap(({ imdb_id, undoes }) =>
        written.has(imdb_id) ? [{ imdb_id, event_id: undoes }] : [],
      );
      const intents = await planRestores(trx, undone, { owner, operation });
      const restoring = new Set(intents.map(({ imdb_id }) => imdb_id));
      return outcomesOf(items, writes, idOf, (item, write) => {
        const outcome = titleOutcome(item, write);
        return { ...outcome, owed: outcome.result === 'done' && restoring.has(item.key) };
      });
    },
    afterWrite: async (db, { key }) => {
      const { intents } = await intentsOf(db, operation, key);
      const { not_restored } = await restoreRelease(db, adapters, intents, log);
      return { problem: not_restored.length > 0 ? not_restored.join(' ') : null, outside: null };
    },
  };
}
