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

// would_not_watch removes the files and the torrent of a title; undo restores them. The label is already written, so these
// functions do not throw: they return what failed and log the reason.

/** Links that add these torrents again: the item's own link if it has the hash, else a magnet link. */
export function linksOf(hashes: string[], originalLink: string | null): string[] {
  const link = originalLink?.trim() ?? '';
  return hashes.map((hash) =>
    isTorrentLink(link) && (hashOfLink(link) ?? hash) === hash ? link : `magnet:?xt=urn:btih:${hash}`,
  );
}

type Adapters = { files: FileSettings; transmission: Transmission };
type Removed = { file_deleted: boolean; file_deletion_warning?: string; torrent_removed: boolean };
type Restored = { files_restored: boolean; torrent_restored: boolean; not_restored: string[] };

/** Removes files and torrent of a title's newest active media item. */
export async function removeRelease(
  db: Kysely<DB>,
  { files, transmission }: Adapters,
  imdbId: string,
  eventId: number | null,
  log: Log,
): Promise<Removed> {
  let release: Release | undefined;
  try {
    release = await findNewestRelease(db, imdbId);
  } catch (error) {
    log.error({ err: error }, `Finding the media item of ${imdbId} failed`);
    const file_deletion_warning = 'The label is set, but looking up its files and torrent in the database failed';
    return { file_deleted: false, file_deletion_warning, torrent_removed: false };
  }
  if (!release) {
    const file_deletion_warning = `No media found with IMDB ID: ${imdbId}`;
    return { file_deleted: false, file_deletion_warning, torrent_removed: false };
  }
  // The torrent first: Transmission could write the files again.
  const torrents = await removeTorrents(transmission, release, log);
  const { removed, trashed, deleted, warning } = await removeFiles(files, release);
  const warnings = warning === undefined ? [] : [warning];
  if (removed || torrents.length > 0) {
    const removal = { hash: release.hash, links: linksOf(torrents, release.original_link), trashed, deleted };
    try {
      await saveRemoval(db, imdbId, eventId, removal);
    } catch (error) {
      log.error({ err: error, removal }, `Storing the removal for ${imdbId} failed`);
      warnings.push('Undo will not restore the removed files, because storing them in the database failed');
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

/** Restores the removals of an event where possible. */
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
    log.error({ err: error }, `Finding the removals of event ${eventId} failed`);
    restored.not_restored.push('Files and torrent, if any: looking them up in the database failed.');
    return restored;
  }
  for (const { links, trashed, deleted, gone } of removals) {
    for (const path of deleted) restored.not_restored.push(`${path} was permanently deleted.`);
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
