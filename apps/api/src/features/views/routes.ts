import { createView, deleteView, listViews, type SavedView, updateView } from '@at/contracts/views';
import type { DB } from '@at/db/schema';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { transactFor } from '#http/idempotency.ts';
import { actorOf, callerOf } from '#request/actor.ts';
import { acceptedVersions, etagOf } from '#request/etag.ts';
import { nameTaken, nothingToUpdate, notYours, staleView, viewNotFound } from './errors.ts';
import { changeView, findViews, insertView, lockView, removeView } from './queries.ts';

export const viewRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db, writes }) => {
  /** The view, held, once it is sure that the caller may change it; throws 404, 412 and 403. */
  async function hold(trx: Kysely<DB>, request: FastifyRequest, id: string): Promise<SavedView> {
    const { name } = actorOf(request);
    const view = await lockView(trx, id, name);
    if (!view) throw viewNotFound(id);
    if (view.owner !== name && callerOf(request)?.role !== 'admin') throw notYours(view.owner);
    const versions = acceptedVersions(request);
    if (versions && !versions.includes(view.updated_at)) throw staleView(id);
    return view;
  }

  app.route({
    ...listViews,
    handler: async (request) => ({ data: await findViews(db, actorOf(request).name, request.query.page) }),
  });

  app.route({
    ...createView,
    handler: async (request, reply) => {
      const { shared = false, ...asked } = request.body;
      const name = asked.name.trim();
      const create = async (trx: Kysely<DB>) => {
        const view = await insertView(trx, { ...asked, name, shared, owner: actorOf(request).name });
        if (!view) throw nameTaken(name, asked.page);
        return view;
      };
      const { outcome: view } = await transactFor(request, reply, { writes, what: 'the view' }, create);
      reply.header('etag', etagOf(view.updated_at));
      return { success: true as const, message: 'View saved', view };
    },
  });

  app.route({
    ...updateView,
    handler: async (request, reply) => {
      const { body } = request;
      if (Object.keys(body).length === 0) throw nothingToUpdate();
      const change = { ...body, ...(body.name === undefined ? {} : { name: body.name.trim() }) };
      const update = async (trx: Kysely<DB>) => {
        const { page, name } = await hold(trx, request, request.params.id);
        const changed = await changeView(trx, request.params.id, change);
        if (!changed) throw nameTaken(change.name ?? name, page);
        return changed;
      };
      const { outcome: view } = await transactFor(request, reply, { writes, what: 'the view' }, update);
      reply.header('etag', etagOf(view.updated_at));
      return { success: true as const, message: 'View updated', view };
    },
  });

  app.route({
    ...deleteView,
    handler: async (request, reply) => {
      const remove = async (trx: Kysely<DB>) => {
        await hold(trx, request, request.params.id);
        await removeView(trx, request.params.id);
        return {};
      };
      await transactFor(request, reply, { writes, what: 'the view' }, remove);
      return { success: true as const, message: 'View deleted' };
    },
  });
};
