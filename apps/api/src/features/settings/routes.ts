import { listSettings, saveSetting } from '@at/contracts/settings';
import type { DB } from '@at/db/schema';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { invalid } from '#http/api-error.ts';
import { transactFor } from '#http/idempotency.ts';
import { actorOf, callerOf, suffices } from '#request/actor.ts';
import { acceptedVersions, etagOf } from '#request/etag.ts';
import { refusalOf } from '#request/json-limits.ts';
import { notForAll, staleSetting } from './errors.ts';
import { findSettings, sharedOwner, writeSetting } from './queries.ts';
import { sectionRefusal } from './rules.ts';

export const settingRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db, writes }) => {
  app.route({
    ...listSettings,
    handler: async (request, reply) => {
      const { section } = request.query;
      const data = await findSettings(db, callerOf(request)?.name ?? sharedOwner, section);
      const [setting] = data;
      if (section !== undefined && setting) reply.header('etag', etagOf(String(setting.version)));
      return { data };
    },
  });

  app.route({
    ...saveSetting,
    handler: async (request, reply) => {
      const { section, value, secrets = {}, scope } = request.body;
      const key = callerOf(request);
      if (scope === 'own' && !key) {
        throw invalid('body', '/scope', 'Own settings belong to a key, and no key was sent. Leave scope out.');
      }
      if (scope === 'shared' && key && !suffices(key.role, 'admin')) throw notForAll(key);
      const refused = sectionRefusal(section);
      if (refused) throw invalid('body', '/section', refused);
      const refusal = refusalOf(value);
      if (refusal) throw invalid('body', '/value', `The value ${refusal}.`);
      const owner = scope === 'shared' || !key ? sharedOwner : key.name;
      const written = { owner, section, value, secrets, actor: actorOf(request).name };
      const write = async (trx: Kysely<DB>) => {
        const setting = await writeSetting(trx, written, acceptedVersions(request));
        if (!setting) throw staleSetting(section);
        return setting;
      };
      const { outcome: setting } = await transactFor(request, reply, { writes, what: 'the settings' }, write);
      reply.header('etag', etagOf(String(setting.version)));
      return { success: true as const, message: 'Settings saved', setting };
    },
  });
};
