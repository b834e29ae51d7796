import { listActivity } from '@at/contracts/activity';
import { followEvents } from '@at/contracts/events';
import { defaultLimit } from '@at/contracts/paging';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { openEventStream } from '#events/sse.ts';
import { Subscribers } from '#events/subscribers.ts';
import { decodeCursor } from '#lists/keyset.ts';
import { cursorPage } from '#lists/paging.ts';
import { type ActivityEntry, findActivity, findRecordedSince } from './queries.ts';
import { filterOf } from './rules.ts';

export const activityRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, config, events } = deps;
  const subscribers = new Subscribers(deps, app.log);
  app.addHook('onListen', async () => events.start());
  app.addHook('preClose', async () => subscribers.stop());

  app.route({
    ...followEvents,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      subscribers.requireRoom();
      const [header] = [request.headers['last-event-id']].flat();
      const resume = header || request.query.last_event_id;
      const wants = filterOf(request.query);
      await subscribers.serve(openEventStream(reply), wants, resume);
    },
  });

  app.route({
    ...listActivity,
    handler: async (request) => {
      const { query } = request;
      const { limit = defaultLimit, cursor } = query;
      const behind = cursor === undefined ? undefined : decodeCursor('activity', cursor);
      const [found, recorded_since] = await Promise.all([
        findActivity(db, query, limit + 1, behind),
        findRecordedSince(db),
      ]);
      const path = `${config.publicPrefix}${listActivity.url}`;
      const placeOf = ({ row, id }: ActivityEntry) => ({ value: row.at, id });
      const { data, pagination } = cursorPage(request, path, { found, limit, total: null, order: 'activity', placeOf });
      return { data: data.map(({ row }) => row), pagination, recorded_since };
    },
  });
};
