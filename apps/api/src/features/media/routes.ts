import { isTorrentLink, TransmissionError } from '@at/adapters/transmission';
import {
  approveMedia,
  exportMedia,
  finishMedia,
  getMedia,
  getMediaStats,
  getTransmission,
  listMedia,
  listMediaErrors,
  type MediaQuery,
  type MediaRow,
  mediaDefaultSort,
  restoreMedia,
  softDeleteMedia,
  type TransmissionState,
  updatePipeline,
} from '@at/contracts/media';
import { listMediaHistory, undoMedia } from '@at/contracts/media-history';
import { nothingRemoved } from '@at/contracts/patch-reply';
import type { DB } from '@at/db/schema';
import { findTorrentLink } from '@at/domain/bulk/queries';
import { findEarlier, type Once, transactOnce, type WriteId, writeOnce } from '@at/domain/idempotency';
import { approve, removeTorrent } from '@at/domain/media/torrents';
import { lockItem, planTorrents, revertTorrents } from '@at/domain/media/undo';
import {
  changeMedia,
  type MediaWrite,
  namedChanges,
  restore,
  restoreState,
  softDelete,
  statusAction,
} from '@at/domain/media/writes';
import { versionedKey } from '@at/domain/versioned-keys';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { requireRole } from '#http/access.ts';
import { undoRefused } from '#http/api-error.ts';
import { once, transactFor } from '#http/idempotency.ts';
import { exportReply } from '#lists/export.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { rowReply } from '#lists/row-reply.ts';
import { actorOf, callerOf, suffices } from '#request/actor.ts';
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
  countErrors,
  countMedia,
  findKnownHashes,
  findOwnMetadata,
  findRecord,
  type MediaShape,
  mediaList,
  mediaShape,
  mediaStatement,
} from './queries.ts';
import { historyOf } from './rules.ts';

/** The report for a repeated request whose first one ended before its report. */
const interrupted = {
  torrent_removed: false,
  torrent_warning: 'The first request was interrupted. The API removes the torrent as soon as it can.',
};
const undoInterrupted = {
  torrent_removed: false,
  torrent_restored: false,
  problems: ['The first request was interrupted. The API removes or adds the torrent as soon as it can.'],
};

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
      const path = `${config.publicPrefix}${listMedia.url}`;
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
    ...listMediaErrors,
    handler: async (_request, reply) => {
      const { value, age } = await counts.read('media errors', () => countErrors(db));
      reply.header('age', Math.round(age));
      return value;
    },
  });

  app.route({
    ...getMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const found = await rowReply(reply, rows, mediaStatement(db, hash, await ownMetadata()), 'updated_at');
      if (!found) throw mediaNotFound(hash);
      return found;
    },
  });

  app.route({
    ...listMediaHistory,
    handler: async (request) => {
      const hash = request.params.hash.toLowerCase();
      const found = await findRecord(db, hash);
      if (!found) throw mediaNotFound(hash);
      return { data: historyOf(found) };
    },
  });

  /** Sets the new ETag. Throws 404, 412, and `refused` if the item is not in a state that allows the write. */
  function settle<W extends MediaWrite>(
    reply: FastifyReply,
    hash: string,
    write: W | undefined,
    refused: (write: W) => Error,
  ): W {
    if (!write) throw mediaNotFound(hash);
    reply.header('etag', etagOf(write.updated_at));
    if (!write.written) throw write.current ? refused(write) : staleMedia(hash);
    counts.drop();
    return write;
  }
  const isDeleted = ({ hash }: MediaWrite) => mediaDeleted(hash);

  const isWritten = ({ written }: MediaWrite) => written;

  /** A write of one statement, once for the request. */
  const writeItem = <W extends MediaWrite>(
    request: FastifyRequest,
    reply: FastifyReply,
    hash: string,
    write: (db: Kysely<DB>, id: WriteId) => Promise<W[]>,
  ) =>
    once(request, reply, (id) =>
      writeOnce<W>(
        (run) => writes.run(hash, run),
        id,
        (trx) => write(trx, id),
        isWritten,
      ),
    );
  const targetOf = (request: FastifyRequest, hash: string) => ({
    target: versionedKey(hash, acceptedVersions(request)),
    actor: actorOf(request),
  });

  type Torrent = { torrent_removed: boolean; torrent_warning?: string };
  /** Removes the item's torrent from Transmission and returns the reply's members about it. */
  async function removeFromTransmission(request: FastifyRequest, { removal }: MediaWrite): Promise<Torrent> {
    const { removed, warning } = await removeTorrent(background, transmission, removal, request.log);
    return { torrent_removed: removed.length > 0, ...(warning === undefined ? {} : { torrent_warning: warning }) };
  }
  /** How the item's torrent is removed after a write. */
  const removalOf = (with_data: boolean) => (transmission.configured ? { with_data, owner } : undefined);

  app.route({
    ...updatePipeline,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const { hash: named, ...updated_fields } = request.body;
      if (named.toLowerCase() !== hash) throw hashMismatch();
      if (Object.keys(updated_fields).length === 0) throw nothingToUpdate();
      const change = { ...targetOf(request, hash), action: statusAction(updated_fields), change: updated_fields };
      const { outcome } = await writeItem(request, reply, hash, (db, id) => changeMedia(db, { ...change, id }));
      const { event_id } = settle(reply, hash, outcome, isDeleted);
      const message = 'Media pipeline status updated successfully';
      return { success: true as const, message, hash, event_id, updated_fields, ...nothingRemoved };
    },
  });

  type Approved = { added: boolean; updated_at: string; event_id?: number | null };
  async function approveItem(
    request: FastifyRequest,
    reply: FastifyReply,
    hash: string,
    id: WriteId,
  ): Promise<Once<Approved>> {
    const versions = acceptedVersions(request);
    const item = await findTorrentLink(db, hash);
    if (!item) throw mediaNotFound(hash);
    reply.header('etag', etagOf(item.updated_at));
    if (versions && !versions.includes(item.updated_at)) throw staleMedia(hash);
    if (item.deleted_at !== null) throw mediaDeleted(hash);
    const link = item.original_link?.trim() ?? '';
    if (!isTorrentLink(link)) throw noTorrentLink();
    const change = { ...targetOf(request, hash), action: 'approve', change: namedChanges.approve } as const;
    let approved: Once<Approved> | undefined;
    try {
      await approve(background, transmission, { hash, link, owner }, request.log, async (torrent, added, done) => {
        approved = await transactOnce(
          (run) => writes.transaction(hash, run),
          id,
          async (trx) => {
            const [write] = await changeMedia(trx, { ...change, added: added ? torrent : undefined });
            await done(trx);
            const { updated_at, event_id } = settle(reply, hash, write, isDeleted);
            return { added, updated_at, event_id };
          },
        );
        if (approved.repeated) throw new Error('The same request has approved the item at the same time.');
      });
    } catch (error) {
      if (approved?.repeated) return approved;
      if (!(error instanceof TransmissionError)) throw error;
      const doubt = error.uncertain ? ' It may still add the torrent.' : '';
      throw transmissionRefused(`${error.message} Nothing was changed here.${doubt}`);
    }
    return approved as Once<Approved>;
  }

  app.route({
    ...approveMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const { outcome } = await once(
        request,
        reply,
        async (id) => (await findEarlier<Approved>(db, id)) ?? (await approveItem(request, reply, hash, id)),
      );
      counts.drop();
      const { added, updated_at, event_id = null } = outcome;
      reply.header('etag', etagOf(updated_at));
      const message = added
        ? 'Media entry approved and sent to Transmission for download'
        : 'Media entry approved (torrent already in Transmission)';
      return { success: true as const, message, hash, event_id, torrent_added: added, ...nothingRemoved };
    },
  });

  app.route({
    ...finishMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const change = { ...targetOf(request, hash), action: 'finish', change: namedChanges.finish } as const;
      const { outcome, afterwards } = await writeItem(request, reply, hash, (db, id) =>
        changeMedia(db, { ...change, removal: removalOf(false), id }),
      );
      const item = settle(reply, hash, outcome, isDeleted);
      const torrent = await afterwards(background, interrupted, () => removeFromTransmission(request, item));
      const message = `Media entry marked as complete${torrent.torrent_removed ? ' and removed from Transmission' : ''}`;
      return { success: true as const, message, hash, event_id: item.event_id, ...nothingRemoved, ...torrent };
    },
  });

  app.route({
    ...softDeleteMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const deletion = { ...targetOf(request, hash), removal: removalOf(true) };
      const { outcome, afterwards } = await writeItem(request, reply, hash, (db, id) =>
        softDelete(db, { ...deletion, id }),
      );
      const item = settle(reply, hash, outcome, ({ before }) => alreadyDeleted(before.deleted_at as string));
      const torrent = await afterwards(background, interrupted, () => removeFromTransmission(request, item));
      const message = `Media soft deleted successfully${torrent.torrent_removed ? ' (also removed from Transmission)' : ''}`;
      return { success: true as const, message, hash, event_id: item.event_id, ...nothingRemoved, ...torrent };
    },
  });

  app.route({
    ...restoreMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const target = targetOf(request, hash);
      const { outcome } = await writeItem(request, reply, hash, (db, id) => restore(db, { ...target, id }));
      const { after, remembered, event_id } = settle(reply, hash, outcome, () => notDeleted(hash));
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
        event_id,
        ...nothingRemoved,
        rejection_status,
        rejection_reason,
        not_restored,
      };
    },
  });

  app.route({
    ...undoMedia,
    handler: async (request, reply) => {
      const hash = request.params.hash.toLowerCase();
      const { event_id } = request.body;
      const versions = acceptedVersions(request);
      const key = callerOf(request);
      const undo = async (trx: Kysely<DB>) => {
        const item = await lockItem(trx, hash);
        if (!item) throw mediaNotFound(hash);
        const { latest, updated_at: version } = item;
        reply.header('etag', etagOf(version));
        if (versions && !versions.includes(version)) throw staleMedia(hash);
        if (!latest) throw undoRefused(`${hash} has no event that can be undone.`, null);
        if (!latest.unchanged) {
          const message = `${hash} has changed since event ${latest.event_id}. Nothing was undone; see its history.`;
          throw undoRefused(message, null);
        }
        if (latest.event_id !== event_id) {
          const message = `Event ${event_id} is not the latest of ${hash} that can be undone; event ${latest.event_id} is.`;
          throw undoRefused(message, latest.event_id);
        }
        const { role } = softDeleteMedia.config;
        if (latest.action === 'restore' && key) requireRole(key, role);
        const state = { hash, version, undoes: event_id, state: latest.before };
        const [write] = await restoreState(trx, { undos: [state], actor: actorOf(request) });
        const { after, updated_at, event_id: undone } = write as { event_id: number } & MediaWrite;
        const deletes =
          latest.action === 'restore' && transmission.configured ? { link: latest.original_link } : undefined;
        const effects = { ...latest, deletes, keepsData: key !== undefined && !suffices(key.role, role) };
        const planned = await planTorrents(trx, latest.action, effects, { hash, owner });
        return { event_id: undone, updated_at, restored: after, ...planned };
      };
      const { outcome, afterwards } = await transactFor(request, reply, { writes, what: hash }, undo);
      counts.drop();
      reply.header('etag', etagOf(outcome.updated_at));
      const { problems, ...torrent } = await afterwards(background, undoInterrupted, () =>
        revertTorrents(background, transmission, outcome.intents, request.log),
      );
      return {
        success: true as const,
        message: 'Media action undone',
        hash,
        event_id: outcome.event_id,
        restored: outcome.restored,
        ...torrent,
        not_restored: [...outcome.problems, ...problems],
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
