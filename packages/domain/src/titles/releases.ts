import {
  type FileSettings,
  FileTrashError,
  findFiles,
  nothingFound,
  type Removal,
  removeFile,
  restoreFile,
  type SelectPurgeable,
} from '@at/adapters/file-trash';
import type { Transmission } from '@at/adapters/transmission';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import {
  closeIntent,
  findIntent,
  holdPurge,
  holdUndos,
  type Intent,
  type IntentAction,
  insertIntent,
  retryIn,
  savePlan,
} from '../intents/queries.ts';
import type { Log } from '../log.ts';
import { addTorrents, linksRemoved, removeTorrent } from '../media/torrents.ts';
import { findNewestRelease, findPurgeable, findRemoved, insertRemoved, withdrawRemovals } from './queries.ts';

// would_not_watch removes the files and the torrent of a title; undo restores them. Both are written as intents with the
// label, and done afterwards. The label stays if that fails: the functions return what failed, log the reason, and the
// intent stays.

export type Adapters = { files: FileSettings; transmission: Transmission };
type Removed = {
  file_deleted: boolean;
  file_deletion_warning?: string;
  torrent_removed: boolean;
  torrent_warning?: string;
};
type Restored = { files_restored: boolean; torrent_restored: boolean; not_restored: string[] };

/** Seconds until another attempt: the reason is a person's to remove. */
const retryAfter = 3_600;

/** What a would_not_watch removes here; empty: nothing. `forGood`: the caller may delete files that do not go to the trash. */
export function removalsOf({ files, transmission }: Adapters, forGood: boolean): IntentAction[] {
  return [
    ...(transmission.configured ? ['remove_torrent' as const] : []),
    ...(files.enabled && (files.mode === 'trash' || forGood) ? ['remove_files' as const] : []),
  ];
}

/** Writes the intents to restore what events removed, in the transaction that undoes these events. */
export async function planRestores(
  trx: Kysely<DB>,
  titles: { imdb_id: string; event_id: number }[],
  { owner, operation }: { owner: number; operation?: string },
): Promise<Intent[]> {
  await holdPurge(trx);
  const eventIds = titles.map(({ event_id }) => event_id);
  const begun = await withdrawRemovals(trx, eventIds);
  // A second statement: the first one has waited for removals in progress.
  const removed = await findRemoved(trx, eventIds);
  const intents: Intent[] = [];
  for (const { imdb_id, event_id } of titles) {
    const mine = removed.filter((one) => one.event_id === event_id);
    const open = begun.filter((one) => one.event_id === event_id);
    const files = [
      ...mine.flatMap(({ trashed }) => trashed),
      ...open.flatMap((one) =>
        one.action === 'remove_files' ? [...one.plan.carried, ...(one.plan.removals ?? [])] : [],
      ),
    ];
    const deleted = mine.flatMap((one) => one.deleted);
    const links = [
      ...mine.flatMap((one) => one.links),
      ...open.flatMap((one) => (one.action === 'remove_torrent' ? linksRemoved(one.plan, one.plan.present) : [])),
    ];
    const hash = (mine[0] ?? open[0])?.hash;
    if (hash === undefined) continue;
    const of = { imdb_id, hash, event_id, owner, operation };
    if (files.length > 0 || deleted.length > 0) {
      intents.push(await insertIntent(trx, 'restore_files', { ...of, plan: { files, deleted } }));
    }
    if (links.length > 0)
      intents.push(await insertIntent(trx, 'add_torrent', { ...of, plan: { links: [...new Set(links)] } }));
  }
  return intents;
}

/** Does the intents of one would_not_watch. */
export async function removeRelease(
  db: Kysely<DB>,
  { files, transmission }: Adapters,
  imdbId: string,
  intents: Intent[],
  log: Log,
): Promise<Removed> {
  const result: Removed = { file_deleted: false, torrent_removed: false };
  if (!intents.some(({ action }) => action === 'remove_files')) {
    const why = await findWhyKept(db, files, imdbId, log);
    if (why !== undefined) result.file_deletion_warning = why;
  }
  for (const intent of intents) {
    // The torrent comes first: Transmission could write the files again.
    if (intent.action === 'remove_torrent') {
      const { removed, warning } = await removeTorrent(db, transmission, intent, log);
      result.torrent_removed = removed.length > 0;
      if (warning !== undefined) result.torrent_warning = warning;
    }
    if (intent.action === 'remove_files') {
      const { removed, warnings } = await attempt(
        () => removeFiles(db, files, intent),
        intent,
        log,
        (message) => ({
          removed: false,
          warnings: [message],
        }),
      );
      result.file_deleted = removed;
      if (warnings.length > 0) result.file_deletion_warning = warnings.join('; ');
    }
  }
  return result;
}

/** Why the files of a title stay where nothing removes them; undefined: it does not know. */
async function findWhyKept(db: Kysely<DB>, files: FileSettings, imdbId: string, log: Log): Promise<string | undefined> {
  try {
    const release = await findNewestRelease(db, imdbId);
    if (!release) return `No media found with IMDB ID: ${imdbId}`;
    return files.enabled ? undefined : (await findFiles(files, release)).warnings[0];
  } catch (error) {
    log.error({ err: error }, `Finding the media item of ${imdbId} failed`);
    return 'The label is set, but looking up its files and torrent in the database failed';
  }
}

/** Does the intents of one undo. */
export async function restoreRelease(
  db: Kysely<DB>,
  { files, transmission }: Adapters,
  intents: Intent[],
  log: Log,
): Promise<Restored> {
  const result: Restored = { files_restored: false, torrent_restored: false, not_restored: [] };
  for (const intent of intents) {
    if (intent.action === 'restore_files') {
      const { restored, problems } = await attempt(
        () => restoreFiles(db, files, intent),
        intent,
        log,
        (message) => ({
          restored: false,
          problems: [message],
        }),
      );
      result.files_restored = restored;
      result.not_restored.push(...problems);
    }
    if (intent.action === 'add_torrent') {
      const { added, problem } = await addTorrents(db, transmission, intent, log);
      result.torrent_restored = added.length > 0;
      if (problem !== undefined) result.not_restored.push(problem);
    }
  }
  return result;
}

/** Errors leave the intent open: another attempt follows. */
async function attempt<T>(
  work: () => Promise<T>,
  intent: Intent,
  log: Log,
  failed: (message: string) => T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    log.error({ err: error }, `The intent ${intent.action} of ${intent.imdb_id} failed and will be retried`);
    const reason = error instanceof FileTrashError ? error.message : 'The disk or the database failed.';
    return failed(`The files were not moved, or not all. ${reason} Another attempt follows.`);
  }
}

/** Throws if the connection, and with it the lock of an intent, was lost: another process may have moved the files back. */
const alive = (trx: Kysely<DB>) => async () => void (await sql`select`.execute(trx));

/** Looks up the files of an intent, then removes them and records it; the intent's lock excludes undo and other processes. */
export async function removeFiles(
  db: Kysely<DB>,
  settings: FileSettings,
  intent: Intent<'remove_files'>,
): Promise<{ removed: boolean; warnings: string[] }> {
  const warnings: string[] = [];
  if (intent.plan.removals === null) {
    const mode = intent.plan.for_good ? settings.mode : 'trash';
    const found = await findFiles({ ...settings, mode }, intent.plan.place);
    warnings.push(...found.warnings);
    // Committed before the disk is touched. Another process may have looked them up too: the first plan counts.
    const plan = { ...intent.plan, removals: found.removals };
    await savePlan(db, { ...intent, plan }, sql`plan -> 'removals' = 'null'`);
  }
  return db.transaction().execute(async (trx) => {
    const planned = await findIntent(trx, intent, { lock: true });
    if (!planned) return { removed: false, warnings };
    const trashed: Removal[] = [];
    const deleted: string[] = [];
    for (const removal of [...planned.plan.carried, ...(planned.plan.removals ?? [])]) {
      const outcome = await removeFile(settings, removal, { check: alive(trx) });
      if (outcome.trashed) trashed.push(outcome.trashed);
      if (outcome.deleted !== undefined) deleted.push(outcome.deleted);
      if (outcome.warning !== undefined) warnings.push(outcome.warning);
    }
    const removed = trashed.length > 0 || deleted.length > 0;
    if (removed) await insertRemoved(trx, planned, { trashed, deleted });
    await closeIntent(trx, planned);
    if (!removed && warnings.length === 0) warnings.push(nothingFound(planned.plan.place));
    return { removed, warnings };
  });
}

/** Restores files; those that cannot be restored now stay in the intent. */
export async function restoreFiles(
  db: Kysely<DB>,
  settings: FileSettings,
  intent: Intent<'restore_files'>,
): Promise<{ restored: boolean; problems: string[] }> {
  return db.transaction().execute(async (trx) => {
    const planned = await findIntent(trx, intent, { lock: true });
    if (!planned) return { restored: false, problems: [] };
    const problems = planned.plan.deleted.map((path) => `${path} was permanently deleted.`);
    const left: Removal[] = [];
    for (const file of planned.plan.files) {
      try {
        await restoreFile(settings, file, { check: alive(trx) });
      } catch (error) {
        if (!(error instanceof FileTrashError)) throw error;
        problems.push(error.message);
        if (!error.final) left.push(file);
      }
    }
    const restored = planned.plan.files.length + planned.plan.deleted.length > problems.length;
    if (left.length === 0) {
      await closeIntent(trx, planned);
    } else {
      await savePlan(trx, { ...planned, plan: { files: left, deleted: [] } });
      await retryIn(trx, planned, retryAfter);
    }
    return { restored, problems };
  });
}

/** For the purge: only what a removal names that was not undone. */
export function purgeableIn(db: Kysely<DB>): SelectPurgeable {
  return (entries, claim) =>
    db.transaction().execute(async (trx) => {
      await holdUndos(trx);
      return claim(await findPurgeable(trx, entries));
    });
}
