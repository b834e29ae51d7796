import { type FlagChange, withLabelRule } from '@at/contracts/label-rule';
import {
  defaultDays,
  defaultSessions,
  listLabelDays,
  listTrainingHistory,
  listTrainingSessions,
  setLabel,
  setReviewed,
  undoLabel,
  updateTraining,
  wouldNotWatch,
  wouldWatch,
} from '@at/contracts/labels';
import { nothingRemoved } from '@at/contracts/patch-reply';
import { type LabelAction, labels } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { writeOnce } from '@at/domain/idempotency';
import { insertRemovals } from '@at/domain/titles/queries';
import { planRestores, removalsOf, removeRelease, restoreRelease } from '@at/domain/titles/releases';
import { lockTitle, restoreFlags } from '@at/domain/titles/undo';
import { type Decision, type FlagsWritten, writeFlags } from '@at/domain/titles/writes';
import { versionedKey } from '@at/domain/versioned-keys';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { undoRefused } from '#http/api-error.ts';
import { once, transactFor } from '#http/idempotency.ts';
import { actorOf, callerOf, suffices } from '#request/actor.ts';
import { acceptedVersions, etagOf } from '#request/etag.ts';
import { titleNotFound } from '#titles/errors.ts';
import {
  badLabel,
  idMismatch,
  isUnknownTimeZone,
  notDeleted,
  nothingToUpdate,
  staleVersion,
  unknownTimeZone,
} from './errors.ts';
import { findEvents, findLabelDays, findSessions } from './queries.ts';
import { historyOf, isZoneName } from './rules.ts';

/** The report for a repeated request whose first one ended before its report. */
const removalInterrupted: Awaited<ReturnType<typeof removeRelease>> = {
  file_deleted: false,
  file_deletion_warning: 'The first request was interrupted. The API removes files and torrent as soon as it can.',
  torrent_removed: false,
};
const restoreInterrupted = {
  files_restored: false,
  torrent_restored: false,
  not_restored: ['The first request was interrupted. The API restores files and torrent as soon as it can.'],
};

export const labelRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, background, counts, config, transmission, owner } = deps;
  const outside = { files: config.files, transmission };

  /** What a request changes of a title. */
  const changeOf = (
    request: FastifyRequest,
    imdbId: string,
    action: LabelAction,
    change: FlagChange,
    { decision_ms, shown }: Decision,
  ) => ({
    target: versionedKey(imdbId, acceptedVersions(request)),
    action,
    actor: actorOf(request),
    change,
    decision: { ...(decision_ms === undefined ? {} : { decision_ms }), ...(shown ? { shown } : {}) },
  });

  /** Sets the new ETag; throws 404 and 412. */
  function settle(reply: FastifyReply, imdbId: string, written: FlagsWritten | undefined): FlagsWritten {
    if (!written) throw titleNotFound(imdbId);
    reply.header('etag', etagOf(written.updated_at));
    if (!written.current) throw staleVersion(imdbId);
    return written;
  }
  const isCurrent = ({ current }: FlagsWritten) => current;

  /** Returns the event's id, null when nothing changed. */
  async function write(
    request: FastifyRequest,
    reply: FastifyReply,
    imdbId: string,
    action: LabelAction,
    change: FlagChange,
    decision: Decision,
  ): Promise<number | null> {
    const changed = changeOf(request, imdbId, action, change, decision);
    const { outcome } = await once(request, reply, (id) =>
      writeOnce(
        (run) => writes.run(imdbId, run),
        id,
        (db) => writeFlags(db, { ...changed, id }),
        isCurrent,
      ),
    );
    counts.drop();
    return settle(reply, imdbId, outcome).event_id;
  }

  app.route({
    ...setLabel,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const label = labels.find((known) => known === request.body.label);
      if (!label) throw badLabel();
      if (request.body.imdb_id !== imdb_id) throw idMismatch();
      const event_id = await write(request, reply, imdb_id, 'label', withLabelRule({ label }), request.body);
      return { success: true as const, message: 'Label updated successfully', event_id, ...nothingRemoved };
    },
  });

  app.route({
    ...setReviewed,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      if (request.body.imdb_id !== imdb_id) throw idMismatch();
      const event_id = await write(request, reply, imdb_id, 'reviewed', { reviewed: true }, request.body);
      return { success: true as const, message: 'Reviewed status updated successfully', event_id, ...nothingRemoved };
    },
  });

  app.route({
    ...updateTraining,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const { imdb_id: named, decision_ms: _time, shown: _shown, ...change } = request.body;
      if (named !== imdb_id) throw idMismatch();
      if (Object.keys(change).length === 0) throw nothingToUpdate();
      const updated_fields = withLabelRule(change);
      const event_id = await write(request, reply, imdb_id, 'update', updated_fields, request.body);
      const message = 'Training data updated successfully';
      return { success: true as const, message, updated_fields, event_id, ...nothingRemoved };
    },
  });

  app.route({
    ...wouldWatch,
    handler: async (request, reply) => {
      const updated_fields = withLabelRule({ label: 'would_watch' });
      const { imdb_id } = request.params;
      const event_id = await write(request, reply, imdb_id, 'would_watch', updated_fields, request.body);
      const message = 'Training data updated successfully';
      return { success: true as const, message, updated_fields, event_id, ...nothingRemoved };
    },
  });

  app.route({
    ...wouldNotWatch,
    handler: async (request, reply) => {
      const updated_fields = withLabelRule({ label: 'would_not_watch' });
      const { imdb_id } = request.params;
      const key = callerOf(request);
      const forGood = key === undefined || suffices(key.role, 'admin');
      const actions = removalsOf(outside, forGood);
      const changed = changeOf(request, imdb_id, 'would_not_watch', updated_fields, request.body);
      const label = async (trx: Kysely<DB>) => {
        const [written] = await writeFlags(trx, changed);
        const { event_id, updated_at } = settle(reply, imdb_id, written);
        const titles = [{ imdb_id, event_id }];
        const intents = actions.length > 0 ? await insertRemovals(trx, titles, { actions, forGood, owner }) : [];
        return { event_id, updated_at, intents };
      };
      const { outcome, afterwards } = await transactFor(request, reply, { writes, what: imdb_id }, label);
      counts.drop();
      const { event_id, intents, updated_at } = outcome;
      reply.header('etag', etagOf(updated_at));
      const removed = await afterwards(background, removalInterrupted, () =>
        removeRelease(background, outside, imdb_id, intents, request.log),
      );
      if (key && !forGood && config.files.enabled && config.files.mode === 'unlink') {
        removed.file_deletion_warning ??= notDeleted(key);
      }
      return {
        success: true as const,
        message: 'Training data updated successfully',
        updated_fields,
        event_id,
        ...nothingRemoved,
        ...removed,
      };
    },
  });

  app.route({
    ...undoLabel,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const { event_id, ...decision } = request.body;
      const undo = async (trx: Kysely<DB>) => {
        const title = await lockTitle(trx, imdb_id, acceptedVersions(request));
        if (!title) throw titleNotFound(imdb_id);
        reply.header('etag', etagOf(title.updated_at));
        const { latest, current } = title;
        if (!current) throw staleVersion(imdb_id);
        if (!latest) throw undoRefused(`${imdb_id} has no event that can be undone.`, null);
        if (!latest.unchanged) {
          const message = `${imdb_id} has changed since event ${latest.event_id}. Nothing was undone; see its history.`;
          throw undoRefused(message, null);
        }
        if (latest.event_id !== event_id) {
          const message = `Event ${event_id} is not the latest of ${imdb_id} that can be undone; event ${latest.event_id} is.`;
          throw undoRefused(message, latest.event_id);
        }
        const written = await restoreFlags(trx, imdb_id, latest, actorOf(request), decision);
        const intents = await planRestores(trx, [{ imdb_id, event_id }], { owner });
        return { ...written, restored: latest.before, intents };
      };
      const { outcome: undone, afterwards } = await transactFor(request, reply, { writes, what: imdb_id }, undo);
      counts.drop();
      reply.header('etag', etagOf(undone.updated_at));
      const restore = () => restoreRelease(background, outside, undone.intents, request.log);
      return {
        success: true as const,
        message: 'Label event undone',
        event_id: undone.event_id,
        restored: undone.restored,
        ...(undone.intents.length > 0 ? await afterwards(background, restoreInterrupted, restore) : await restore()),
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
    handler: async (request) => ({ data: await findSessions(db, request.query.limit ?? defaultSessions) }),
  });

  app.route({
    ...listLabelDays,
    handler: async (request, reply) => {
      const { days = defaultDays, time_zone = 'UTC', media_type } = request.query;
      if (!isZoneName(time_zone)) throw unknownTimeZone(time_zone);
      const find = () => findLabelDays(db, { days, time_zone, media_type });
      try {
        const { value, age } = await counts.read(`label days ${JSON.stringify([days, time_zone, media_type])}`, find);
        reply.header('age', Math.round(age));
        return { data: value };
      } catch (error) {
        throw isUnknownTimeZone(error) ? unknownTimeZone(time_zone) : error;
      }
    },
  });
};
