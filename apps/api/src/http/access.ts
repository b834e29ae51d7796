import type { Role } from '@at/contracts/vocabulary';
import cookie from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '#config.ts';
import type { Deps } from '#deps.ts';
import { setCaller, suffices } from '#request/actor.ts';
import { type ApiKey, keyOfSession, sessionCookie } from '#request/api-keys.ts';
import { ApiError } from './api-error.ts';
import { isBelow, meantPath } from './paths.ts';

/** The role that each call needs, once API_KEYS names keys. Without keys every call is allowed. */

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The lowest role that may call the route; without one it needs admin. */
    role?: Role | 'public';
    /** Headers of a successful reply, for the documentation. */
    replyHeaders?: readonly ('ETag' | 'Age' | 'X-Flyway-Schema')[];
    /** Query parameters whose unsupported values are replaced, for old clients. */
    forgives?: readonly string[];
  }
}

/** The secret that a header carries; undefined: no header does. */
function sentSecret({ headers }: FastifyRequest): string | undefined {
  const [key] = [headers['x-api-key']].flat();
  if (key !== undefined) return key;
  return /^bearer +(.*)$/i.exec(headers.authorization ?? '')?.[1];
}

type Access = Pick<Deps, 'config' | 'attempts'>;

/** The key with a secret that the request carries; undefined: none has it. Throws 429 while its address must wait. */
export function findSentKey(request: FastifyRequest, secret: string, { config, attempts }: Access): ApiKey | undefined {
  const wait = attempts.wait(request.ip);
  if (wait === 0) return attempts.find(config.keys, secret, request.ip);
  throw new ApiError(
    429,
    'Too many wrong keys',
    `Too many wrong keys came from this address. Its next key is read in ${wait} s.`,
    {},
    { 'retry-after': String(wait) },
  );
}

/** The caller's key; undefined: it sent none. Throws 401 for one that is not known, 429 after too many such. */
function identify(request: FastifyRequest, deps: Access): ApiKey | undefined {
  const secret = sentSecret(request);
  if (secret !== undefined) {
    const key = findSentKey(request, secret, deps);
    if (!key)
      throw new ApiError(401, 'Key refused', 'This API does not know the key that was sent. API_KEYS lists its keys.');
    return key;
  }
  const session = request.cookies[sessionCookie];
  return session === undefined ? undefined : keyOfSession(deps.config.keys, session, Date.now() / 1000);
}

/** The role that the route needs. Unknown paths of the console are public: they return its page. */
function needed(request: FastifyRequest, { prefix }: Config): Role | 'public' {
  if (request.method === 'OPTIONS') return 'public';
  if (!request.is404) return request.routeOptions.config.role ?? 'admin';
  return isBelow(meantPath(request), prefix) ? 'viewer' : 'public';
}

/** Throws 403 if the key's role does not include `role`. */
export function requireRole(key: ApiKey, role: Role): void {
  if (suffices(key.role, role)) return;
  const message = `This needs the role ${role}; the key ${key.name} has the role ${key.role}.`;
  throw new ApiError(403, 'Role refused', message);
}

export const access = fastifyPlugin<Access>(async (app, { config, attempts }) => {
  await app.register(cookie);
  if (config.keys.length === 0) return;

  const challenge = (reply: FastifyReply) => reply.header('www-authenticate', 'Bearer realm="rear-diff"');
  app.addHook('onRequest', async (request, reply) => {
    const role = needed(request, config);
    let key: ApiKey | undefined;
    try {
      key = identify(request, { config, attempts });
    } catch (error) {
      // Liveness is public.
      if (role === 'public') return;
      challenge(reply);
      throw error;
    }
    if (key) setCaller(request, key);
    if (role === 'public') return;
    if (!key) {
      challenge(reply);
      const ways = 'Send it in the header x-api-key, as a bearer token, or by POST /session in a browser.';
      throw new ApiError(401, 'Key required', `This API needs a key. ${ways}`);
    }
    requireRole(key, role);
  });
});
