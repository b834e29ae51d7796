import { listSettings, saveSetting } from '@at/contracts/settings';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { invalid } from '#http/api-error.ts';
import { actorOf, callerOf, suffices } from '#request/actor.ts';
import { acceptedVersions, etagOf } from '#request/etag.ts';
import { notForAll, staleSetting } from './errors.ts';
import { everybody, findSettings, writeSetting } from './queries.ts';
import { refusalOf } from './rules.ts';

export const settingRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db, writes }) => {
  app.route({
    ...listSettings,
    handler: async (request, reply) => {
      const { section } = request.query;
      const data = await findSettings(db, callerOf(request)?.name ?? everybody, section);
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
      const refusal = refusalOf(value);
      if (refusal) throw invalid('body', '/value', `The value ${refusal}.`);
      const owner = scope === 'shared' || !key ? everybody : key.name;
      const written = { owner, section, value, secrets, actor: actorOf(request).name };
      const versions = acceptedVersions(request);
      const setting = await writes.run('the settings', (db) => writeSetting(db, written, versions));
      if (!setting) throw staleSetting(section);
      reply.header('etag', etagOf(String(setting.version)));
      return { success: true as const, message: 'Settings saved', setting };
    },
  });
};
