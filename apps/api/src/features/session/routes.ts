import { closeSession, getSession, openSession } from '@at/contracts/session';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Deps } from '#deps.ts';
import { findSentKey } from '#http/access.ts';
import { callerOf } from '#request/actor.ts';
import { sessionCookie, sessionLifetime, sessionToken } from '#request/api-keys.ts';
import { noKeys, wrongKey } from './errors.ts';

/** A proxy that terminates TLS sets the header. A client that forges it only loses its own cookie. */
function isOverTls({ protocol, headers }: FastifyRequest): boolean {
  const [forwarded = ''] = String(headers['x-forwarded-proto'] ?? '').split(',');
  return protocol === 'https' || forwarded.trim().toLowerCase() === 'https';
}

const cookieOf = (request: FastifyRequest, path: string): CookieSerializeOptions => ({
  path,
  httpOnly: true,
  sameSite: 'strict',
  secure: isOverTls(request),
});

export const sessionRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { config, attempts }) => {
  const path = config.basePath || '/';

  app.route({
    ...openSession,
    handler: async (request, reply) => {
      if (config.keys.length === 0) throw noKeys();
      const key = findSentKey(request, request.body.key, { config, attempts });
      if (!key) {
        reply.header('www-authenticate', 'Bearer realm="rear-diff"');
        throw wrongKey();
      }
      const expires = Math.floor(Date.now() / 1000) + sessionLifetime;
      reply.setCookie(sessionCookie, sessionToken(key, expires), {
        ...cookieOf(request, path),
        maxAge: sessionLifetime,
      });
      reply.header('cache-control', 'no-store');
      return { success: true as const, message: 'Signed in', session: { name: key.name, role: key.role } };
    },
  });

  app.route({
    ...getSession,
    handler: async (request) => {
      const key = callerOf(request);
      return { session: key ? { name: key.name, role: key.role } : null };
    },
  });

  app.route({
    ...closeSession,
    handler: async (request, reply) => {
      reply.clearCookie(sessionCookie, cookieOf(request, path));
      // From before BASE_PATH was set; browsers still send it.
      if (path !== '/') reply.clearCookie(sessionCookie, cookieOf(request, '/'));
      return { success: true as const, message: 'Signed out' };
    },
  });
};
