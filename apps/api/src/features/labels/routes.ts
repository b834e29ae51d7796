import {
  listTrainingHistory,
  listTrainingSessions,
  setLabel,
  setReviewed,
  undoLabel,
  updateTraining,
  wouldNotWatch,
  wouldWatch,
} from '@at/contracts/label';
import { type LabelAction, labels } from '@at/contracts/vocabulary';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { actorOf } from '#shared/actor.ts';
import { titleNotFound } from '#shared/api-error.ts';
import { acceptedVersions, etagOf } from '#shared/conditional.ts';
import type { Deps } from '#shared/deps.ts';
import { FilesError, purgeDaily, removeFiles, restoreFile } from '#shared/files.ts';
import { type Transmission, TransmissionError, torrentHashes } from '#shared/transmission.ts';
import { badLabel, idMismatch, nothingToUpdate, staleVersion, undoRefused } from './errors.ts';
import {
  type Decision,
  findEvents,
  findNewestRelease,
  findRemovals,
  findSessions,
  lockTitle,
  type Release,
  restoreFlags,
  saveRemoval,
  writeFlags,
} from './queries.ts';
import { type FlagChange, historyOf, linksOf, withLabelRule } from './rules.ts';

export const labelRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, reads, config } = deps;

  let stopPurging = () => {};
  app.addHook('onReady', async () => {
    stopPurging = purgeDaily(config.files, (message) => app.log.warn(message));
  });
  app.addHook('onClose', async () => stopPurging());

  /** Writes and answers with the new ETag; throws 404 and 412. Returns the event's id, null when nothing changed. */
  async function write(
    request: FastifyRequest,
    reply: FastifyReply,
    imdbId: string,
    action: LabelAction,
    change: FlagChange,
    { decision_ms, shown }: Decision,
  ): Promise<number | null> {
    const decision = { ...(decision_ms === undefined ? {} : { decision_ms }), ...(shown ? { shown } : {}) };
    const actor = actorOf(request);
    const versions = acceptedVersions(request);
    const written = await writeFlags(db, { imdbId, action, actor, change, decision, versions });
    if (!written) throw titleNotFound(imdbId);
    reply.header('etag', etagOf(written.updated_at));
    if (!written.current) throw staleVersion(imdbId);
    reads.drop();
    return written.event_id;
  }

  app.route({
    ...setLabel,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const label = labels.find((known) => known === request.body.label);
      if (!label) throw badLabel();
      if (request.body.imdb_id !== imdb_id) throw idMismatch();
      const event_id = await write(request, reply, imdb_id, 'label', withLabelRule({ label }), request.body);
      return { success: true as const, message: 'Label updated successfully', event_id };
    },
  });

  app.route({
    ...setReviewed,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      if (request.body.imdb_id !== imdb_id) throw idMismatch();
      const event_id = await write(request, reply, imdb_id, 'reviewed', { reviewed: true }, request.body);
      return { success: true as const, message: 'Reviewed status updated successfully', event_id };
    },
  });

  app.route({
    ...updateTraining,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const { imdb_id: named, decision_ms: _time, shown: _shown, ...asked } = request.body;
      if (named !== imdb_id) throw idMismatch();
      if (Object.keys(asked).length === 0) throw nothingToUpdate();
      const updated_fields = withLabelRule(asked);
      const event_id = await write(request, reply, imdb_id, 'update', updated_fields, request.body);
      return { success: true as const, message: 'Training data updated successfully', updated_fields, event_id };
    },
  });

  app.route({
    ...wouldWatch,
    handler: async (request, reply) => {
      const updated_fields = withLabelRule({ label: 'would_watch' });
      const { imdb_id } = request.params;
      const event_id = await write(request, reply, imdb_id, 'would_watch', updated_fields, request.body);
      return { success: true as const, message: 'Training data updated successfully', updated_fields, event_id };
    },
  });

  app.route({
    ...wouldNotWatch,
    handler: async (request, reply) => {
      const updated_fields = withLabelRule({ label: 'would_not_watch' });
      const { imdb_id } = request.params;
      const event_id = await write(request, reply, imdb_id, 'would_not_watch', updated_fields, request.body);
      return {
        success: true as const,
        message: 'Training data updated successfully',
        updated_fields,
        event_id,
        ...(await removeRelease(deps, imdb_id, event_id, request.log)),
      };
    },
  });

  app.route({
    ...undoLabel,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const { event_id, ...decision } = request.body;
      const undone = await db.transaction().execute(async (trx) => {
        const standing = await lockTitle(trx, imdb_id, acceptedVersions(request));
        if (!standing) throw titleNotFound(imdb_id);
        reply.header('etag', etagOf(standing.updated_at));
        const { latest, flags, current } = standing;
        if (!current) throw staleVersion(imdb_id);
        if (latest?.event_id !== event_id) {
          const message = latest
            ? `Event ${event_id} is not the latest of ${imdb_id} that can be undone; event ${latest.event_id} is.`
            : `${imdb_id} has no event that can be undone.`;
          throw undoRefused(message, latest?.event_id ?? null);
        }
        const { after } = latest;
        const stands = (Object.keys(after) as (keyof typeof after)[]).every((flag) => after[flag] === flags[flag]);
        if (!stands) {
          const message = `Somebody else has changed ${imdb_id} since event ${event_id}. Nothing was changed; look at its history.`;
          throw undoRefused(message, latest.event_id);
        }
        return { ...(await restoreFlags(trx, imdb_id, latest, actorOf(request), decision)), restored: latest.before };
      });
      reads.drop();
      reply.header('etag', etagOf(undone.updated_at));
      return {
        success: true as const,
        message: 'Label event undone',
        event_id: undone.event_id,
        restored: undone.restored,
        ...(await restoreRelease(deps, event_id, request.log)),
      };
    },
  });

  app.route({
    ...listTrainingHistory,
    handler: async (request) => {
      const found = await findEvents(db, request.params.imdb_id);
      if (!found) throw titleNotFound(request.params.imdb_id);
      return { data: historyOf(found.events, found.present) };
    },
  });

  app.route({
    ...listTrainingSessions,
    handler: async (request) => ({ data: await findSessions(db, request.query.limit ?? 20) }),
  });
};

// Files and torrent of a title that nobody wants to watch go with the label and come back with its undo. The label is
// written before and stands, so nothing below throws: replies say what could not be done, and the log why.

type Removed = { file_deleted: boolean; file_deletion_warning?: string; torrent_removed: boolean };
type Restored = { files_restored: boolean; torrent_restored: boolean; not_restored: string[] };

/** Removes what belongs to the newest active media item of a title. */
async function removeRelease(
  { db, config, transmission }: Deps,
  imdbId: string,
  eventId: number | null,
  log: FastifyBaseLogger,
): Promise<Removed> {
  const { files } = config;
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
  // The torrent first: while Transmission has it, it may write the files anew.
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

async function removeTorrents(transmission: Transmission, release: Release, log: FastifyBaseLogger): Promise<string[]> {
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
async function restoreRelease(
  { db, config, transmission }: Deps,
  eventId: number,
  log: FastifyBaseLogger,
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
        await restoreFile(config.files, one);
        restored.files_restored = true;
      } catch (error) {
        if (!(error instanceof FilesError)) throw error;
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
