import { type FileSettings, FileTrashError, removeFiles, restoreFile } from '@at/adapters/file-trash';
import {
  hashOfLink,
  isTorrentLink,
  type Transmission,
  TransmissionError,
  torrentHashes,
} from '@at/adapters/transmission';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import type { Log } from '../log.ts';
import { findNewestRelease, findRemovals, type Release, saveRemoval } from './queries.ts';

/**
 * Files and torrent of a title that nobody wants to watch go with the label and come back with its undo. The label is
 * written before and stands, so nothing here throws: what is returned says what could not be done, and the log why.
 */

/** What brings the torrents with these hashes back: the item's own link where it names that torrent, else the hash alone. */
export function linksOf(hashes: string[], originalLink: string | null): string[] {
  const link = originalLink?.trim() ?? '';
  return hashes.map((hash) =>
    isTorrentLink(link) && (hashOfLink(link) ?? hash) === hash ? link : `magnet:?xt=urn:btih:${hash}`,
  );
}

type Adapters = { files: FileSettings; transmission: Transmission };
type Removed = { file_deleted: boolean; file_deletion_warning?: string; torrent_removed: boolean };
type Restored = { files_restored: boolean; torrent_restored: boolean; not_restored: string[] };

/** Removes what belongs to the newest active media item of a title. */
export async function removeRelease(
  db: Kysely<DB>,
  { files, transmission }: Adapters,
  imdbId: string,
  eventId: number | null,
  log: Log,
): Promise<Removed> {
  const disabled = files.enabled ? {} : { file_deletion_warning: 'File deletion is disabled' };
  if (!files.enabled && !transmission.configured) return { file_deleted: false, ...disabled, torrent_removed: false };
  let release: Release | undefined;
  try {
    release = await findNewestRelease(db, imdbId);
  } catch (error) {
    log.error({ err: error }, `The media item of ${imdbId} was not found out`);
    const file_deletion_warning = 'The label is set, but the database did not say which files and torrent belong to it';
    return { file_deleted: false, file_deletion_warning, torrent_removed: false };
  }
  if (!release) {
    const file_deletion_warning = `No media found with IMDB ID: ${imdbId}`;
    return { file_deleted: false, file_deletion_warning, ...disabled, torrent_removed: false };
  }
  // The torrent first: while Transmission has it, it may write the files again.
  const torrents = await removeTorrents(transmission, release, log);
  const { removed, trashed, deleted, warning } = await removeFiles(files, release);
  const warnings = warning === undefined ? [] : [warning];
  if (removed || torrents.length > 0) {
    const removal = { hash: release.hash, links: linksOf(torrents, release.original_link), trashed, deleted };
    try {
      await saveRemoval(db, imdbId, eventId, removal);
    } catch (error) {
      log.error({ err: error, removal }, `What went with the label of ${imdbId} was not remembered`);
      warnings.push('An undo will not bring back what was removed, because the database did not take it down');
    }
  }
  return {
    file_deleted: removed,
    ...(warnings.length > 0 ? { file_deletion_warning: warnings.join('; ') } : {}),
    torrent_removed: torrents.length > 0,
  };
}

async function removeTorrents(transmission: Transmission, release: Release, log: Log): Promise<string[]> {
  if (!transmission.configured) return [];
  try {
    return await transmission.remove(torrentHashes(release), false);
  } catch (error) {
    if (!(error instanceof TransmissionError)) throw error;
    log.warn({ err: error }, `The torrent of ${release.hash} was not removed. ${error.message}`);
    return [];
  }
}

/** Brings back what went with an event, as far as that can be. */
export async function restoreRelease(
  db: Kysely<DB>,
  { files, transmission }: Adapters,
  eventId: number,
  log: Log,
): Promise<Restored> {
  const restored: Restored = { files_restored: false, torrent_restored: false, not_restored: [] };
  let removals: Awaited<ReturnType<typeof findRemovals>>;
  try {
    removals = await findRemovals(db, eventId);
  } catch (error) {
    log.error({ err: error }, `What went with event ${eventId} was not found out`);
    restored.not_restored.push('Files and torrent, if any: the database did not say what they were.');
    return restored;
  }
  for (const { links, trashed, deleted, gone } of removals) {
    for (const path of deleted) restored.not_restored.push(`${path} was deleted for good.`);
    for (const one of trashed) {
      try {
        await restoreFile(files, one);
        restored.files_restored = true;
      } catch (error) {
        if (!(error instanceof FileTrashError)) throw error;
        restored.not_restored.push(error.message);
      }
    }
    for (const link of gone ? [] : links) {
      try {
        await transmission.add(link);
        restored.torrent_restored = true;
      } catch (error) {
        if (!(error instanceof TransmissionError)) throw error;
        restored.not_restored.push(`The torrent was not added again. ${error.message}`);
      }
    }
    if (gone && links.length > 0) {
      restored.not_restored.push('The torrent was not added again: its media item has been deleted since.');
    }
  }
  return restored;
}
