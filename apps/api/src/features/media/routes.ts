import { isTorrentLink, TransmissionError } from '@at/adapters/transmission';
import {
  approveMedia,
  exportMedia,
  finishMedia,
  getMedia,
  getMediaStats,
  getTransmission,
  listMedia,
  type MediaQuery,
  type MediaRow,
  mediaDefaultSort,
  restoreMedia,
  softDeleteMedia,
  type TransmissionState,
  updatePipeline,
} from '@at/contracts/media';
import { nothingRemoved } from '@at/contracts/patch-reply';
import type { MediaAction } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { approve, removeTorrent } from '@at/domain/media/torrents';
import {
  changeMedia,
  type MediaChange,
  type MediaWrite,
  namedChanges,
  restore,
  softDelete,
  type TorrentRemoval,
} from '@at/domain/media/writes';
import { versionedKey } from '@at/domain/versioned-keys';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { exportReply } from '#lists/export.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { actorOf } from '#request/actor.ts';
import { acceptedVersions, etagOf } from '#request/etag.ts';
import {
  alreadyDeleted,
  hashMismatch,
  mediaDeleted,
  mediaNotFound,
  noTorrentLink,
  notDeleted,
  nothingToUpdate,
  staleMedia,
  transmissionRefused,
} from './errors.ts';
import {
  countMedia,
  findKnownHashes,
  findMedia,
  findOwnMetadata,
  type MediaShape,
  mediaList,
  mediaShape,
} from './queries.ts';

export const mediaRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, background, config, rows, counts, transmission, owner } = deps;
  const lists = listsByShape<MediaShape, MediaRow, MediaQuery>(db, (shape) => mediaList(db, shape));

  // Read once, at the first request: the process starts without a database too.
  let columns: Promise<string[]> | undefined;
  const ownMetadata = () => {
    columns ??= findOwnMetadata(db).catch((error) => {
      columns = undefined;
      throw error;
    });
    return columns;
  };

  app.route({
    ...listMedia,
    handler: async (request, reply) => {
      const { query } = request;
      const page = readPage(query, mediaDefaultSort);
      const statements = lists(mediaShape(query, await ownMetadata()));
      const path = `${config.prefix}${listMedia.url}`;
      return pageReply(request, reply, { statements, query, page, path, read: rows, counts });
    },
  });

  app.route({
    ...exportMedia,
    handler: async (request, reply) => {
      const { query } = request;
      const statements = lists(mediaShape(query, await ownMetadata()));
      return exportReply(request, reply, { statements, query, name: 'media', read: rows });
    },
  });

  app.route({
    ...getMediaStats,
    handler: async (_request, reply) => {
      const { value, age } = await counts.read('media stats', () => countMedia(db));
      reply.header('age', Math.round(age));
      return value;
    },
  });

  app.route({
    ...getMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const found = await findMedia(db, hash, await ownMetadata());
      if (!found) throw mediaNotFound(hash);
      reply.header('etag', etagOf(found.updated_at));
      return found;
    },
  });

  /** Sets the new ETag. Throws 404, 412, and `refused` if the item is not in a state that allows the write. */
  function settle<W extends MediaWrite>(
    reply: FastifyReply,
    hash: string,
    [write]: W[],
    refused: (write: W) => Error,
  ): W {
    if (!write) throw mediaNotFound(hash);
    reply.header('etag', etagOf(write.updated_at));
    if (!write.written) throw write.current ? refused(write) : staleMedia(hash);
    counts.drop();
    return write;
  }
  const isDeleted = ({ hash }: MediaWrite) => mediaDeleted(hash);

  /** Removes the item's torrent from Transmission and returns the reply's members about it. */
  async function removeFromTransmission(request: FastifyRequest, { removal }: MediaWrite) {
    const { removed, warning } = await removeTorrent(background, transmission, removal, request.log);
    return { torrent_removed: removed.length > 0, ...(warning === undefined ? {} : { torrent_warning: warning }) };
  }
  /** How the item's torrent is removed after a write. */
  const removalOf = (with_data: boolean) => (transmission.configured ? { with_data, owner } : undefined);
  const change = (
    request: FastifyRequest,
    hash: string,
    action: MediaAction,
    to: MediaChange,
    { by, removal }: { by?: Kysely<DB>; removal?: TorrentRemoval | undefined } = {},
  ) => {
    const target = versionedKey(hash, acceptedVersions(request));
    const write = { target, actor: actorOf(request), action, change: to, removal };
    return by ? changeMedia(by, write) : writes.run(hash, (db) => changeMedia(db, write));
  };

  app.route({
    ...updatePipeline,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const { hash: named, ...updated_fields } = request.body;
      if (named.toLowerCase() !== hash) throw hashMismatch();
      if (Object.keys(updated_fields).length === 0) throw nothingToUpdate();
      settle(reply, hash, await change(request, hash, 'pipeline', updated_fields), isDeleted);
      const message = 'Media pipeline status updated successfully';
      return { success: true as const, message, hash, updated_fields, ...nothingRemoved };
    },
  });

  app.route({
    ...approveMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const versions = acceptedVersions(request);
      const item = await findMedia(db, hash, []);
      if (!item) throw mediaNotFound(hash);
      reply.header('etag', etagOf(item.updated_at));
      if (versions && !versions.includes(item.updated_at)) throw staleMedia(hash);
      if (item.deleted_at !== null) throw mediaDeleted(hash);
      const link = item.original_link?.trim() ?? '';
      if (!isTorrentLink(link)) throw noTorrentLink();
      const added = await approve(
        background,
        transmission,
        { hash, link, owner },
        request.log,
        (_torrent, _added, done) =>
          writes.transaction(hash, async (trx) => {
            const write = await change(request, hash, 'approve', namedChanges.approve, { by: trx });
            settle(reply, hash, write, isDeleted);
            await done(trx);
          }),
      ).catch((error: unknown) => {
        if (!(error instanceof TransmissionError)) throw error;
        const doubt = error.uncertain ? ' It may still add the torrent.' : '';
        throw transmissionRefused(`${error.message} Nothing was changed here.${doubt}`);
      });
      counts.drop();
      const message = added
        ? 'Media entry approved and sent to Transmission for download'
        : 'Media entry approved (torrent already in Transmission)';
      return { success: true as const, message, hash, torrent_added: added, ...nothingRemoved };
    },
  });

  app.route({
    ...finishMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const write = await change(request, hash, 'finish', namedChanges.finish, { removal: removalOf(false) });
      const torrent = await removeFromTransmission(request, settle(reply, hash, write, isDeleted));
      const message = `Media entry marked as complete${torrent.torrent_removed ? ' and removed from Transmission' : ''}`;
      return { success: true as const, message, hash, ...nothingRemoved, ...torrent };
    },
  });

  app.route({
    ...softDeleteMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const target = versionedKey(hash, acceptedVersions(request));
      const deletion = { target, actor: actorOf(request), removal: removalOf(true) };
      const write = await writes.run(hash, (db) => softDelete(db, deletion));
      const item = settle(reply, hash, write, ({ before }) => alreadyDeleted(before.deleted_at as string));
      const torrent = await removeFromTransmission(request, item);
      const message = `Media soft deleted successfully${torrent.torrent_removed ? ' (also removed from Transmission)' : ''}`;
      return { success: true as const, message, hash, ...nothingRemoved, ...torrent };
    },
  });

  app.route({
    ...restoreMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const target = versionedKey(hash, acceptedVersions(request));
      const write = await writes.run(hash, (db) => restore(db, { target, actor: actorOf(request) }));
      const { after, remembered } = settle(reply, hash, write, () => notDeleted(hash));
      const { rejection_status, rejection_reason } = after;
      const not_restored = ['The torrent and its data are not restored; approve the item to download it again.'];
      if (!remembered) {
        not_restored.push(
          'The rejection from before the deletion is not known, because the deletion was not made here.',
        );
      }
      return {
        success: true as const,
        message: 'Media restored successfully',
        hash,
        ...nothingRemoved,
        rejection_status,
        rejection_reason,
        not_restored,
      };
    },
  });

  app.route({
    ...getTransmission,
    handler: async (request, reply) => {
      const { value, age } = await counts.read('transmission', async (): Promise<TransmissionState> => {
        const { configured } = transmission;
        try {
          const torrents = await transmission.list();
          const known = await findKnownHashes(
            db,
            torrents.map(({ hash }) => hash),
          );
          return { configured, reachable: true, detail: null, data: torrents.filter(({ hash }) => known.has(hash)) };
        } catch (error) {
          if (!(error instanceof TransmissionError)) throw error;
          request.log.debug({ err: error }, error.message);
          return { configured, reachable: false, detail: error.message, data: [] };
        }
      });
      reply.header('age', Math.round(age));
      return value;
    },
  });
};
