import { purgeDaily } from '@at/adapters/file-trash';
import { type FlagChange, withLabelRule } from '@at/contracts/label-rule';
import {
  defaultSessions,
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
import { insertRemovals } from '@at/domain/titles/queries';
import { planRestores, purgeableIn, removalsOf, removeRelease, restoreRelease } from '@at/domain/titles/releases';
import { lockTitle, restoreFlags } from '@at/domain/titles/undo';
import { type Decision, writeFlags } from '@at/domain/titles/writes';
import { versionedKey } from '@at/domain/versioned-keys';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { actorOf, callerOf, suffices } from '#request/actor.ts';
import { acceptedVersions, etagOf } from '#request/etag.ts';
import { titleNotFound } from '#titles/errors.ts';
import { badLabel, idMismatch, notDeleted, nothingToUpdate, staleVersion, undoRefused } from './errors.ts';
import { findEvents, findSessions } from './queries.ts';
import { historyOf } from './rules.ts';

export const labelRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes, background, counts, config, transmission, owner } = deps;
  const outside = { files: config.files, transmission };

  let stopPurging = () => {};
  app.addHook('onReady', async () => {
    stopPurging = purgeDaily(config.files, purgeableIn(background), (message) => app.log.warn(message));
  });
  app.addHook('onClose', async () => stopPurging());

  /** Writes and sets the new ETag; throws 404 and 412. Returns the event's id, null when nothing changed. */
  async function write(
    request: FastifyRequest,
    reply: FastifyReply,
    imdbId: string,
    action: LabelAction,
    flags: FlagChange,
    { decision_ms, shown }: Decision,
    by?: Kysely<DB>,
  ): Promise<number | null> {
    const decision = { ...(decision_ms === undefined ? {} : { decision_ms }), ...(shown ? { shown } : {}) };
    const actor = actorOf(request);
    const target = versionedKey(imdbId, acceptedVersions(request));
    const change = (trx: Kysely<DB>) => writeFlags(trx, { target, action, actor, change: flags, decision });
    const [written] = await (by ? change(by) : writes.run(imdbId, change));
    if (!written) throw titleNotFound(imdbId);
    reply.header('etag', etagOf(written.updated_at));
    if (!written.current) throw staleVersion(imdbId);
    counts.drop();
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
      const [event_id, intents] = await writes.transaction(imdb_id, async (trx) => {
        const event = await write(request, reply, imdb_id, 'would_not_watch', updated_fields, request.body, trx);
        const titles = [{ imdb_id, event_id: event }];
        return [event, actions.length > 0 ? await insertRemovals(trx, titles, { actions, forGood, owner }) : []];
      });
      counts.drop();
      const removed = await removeRelease(background, outside, imdb_id, intents, request.log);
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
      const undone = await writes.transaction(imdb_id, async (trx) => {
        const title = await lockTitle(trx, imdb_id, acceptedVersions(request));
        if (!title) throw titleNotFound(imdb_id);
        reply.header('etag', etagOf(title.updated_at));
        const { latest, flags, current } = title;
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
          const message = `${imdb_id} has changed since event ${event_id}. Nothing was undone; see its history.`;
          throw undoRefused(message, latest.event_id);
        }
        const written = await restoreFlags(trx, imdb_id, latest, actorOf(request), decision);
        const intents = await planRestores(trx, [{ imdb_id, event_id }], { owner });
        return { ...written, restored: latest.before, intents };
      });
      counts.drop();
      reply.header('etag', etagOf(undone.updated_at));
      return {
        success: true as const,
        message: 'Label event undone',
        event_id: undone.event_id,
        restored: undone.restored,
        ...(await restoreRelease(background, outside, undone.intents, request.log)),
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
};
