import { isIP } from 'node:net';
import cors from '@fastify/cors';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '#config.ts';
import { ApiError } from './api-error.ts';

/** What keeps other people's web pages from using this API through a browser of the household. */

type Options = {
  config: Config;
  headers: Record<string, string>;
};

/** `localhost`, `*.localhost`, an IP literal or a configured name: what DNS rebinding cannot put into Host. */
function isOwnHost(host: string, config: Config): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  if (isIP(name.replace(/^\[|\]$/g, ''))) return true;
  return [config.host, ...config.allowedHosts].some((allowed) => allowed.toLowerCase() === name);
}

function isOwnOrigin(origin: string, host: string | undefined, config: Config): boolean {
  if (config.corsOrigins.includes(origin)) return true;
  if (!/^https?:/i.test(origin) || !URL.canParse(origin)) return false;
  // Read as a URL too: a proxy may write the port that goes with the scheme, which an origin leaves out.
  const page = new URL(origin);
  const address = `${page.protocol}//${host}`;
  return URL.canParse(address) && new URL(address).host === page.host;
}

export const hostAndOrigin = fastifyPlugin<Options>(async (app, { config, headers }) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
    const { origin } = request.headers;
    // From a trusted proxy, the name that the client sent to it.
    const host = request.headers.host && request.host;
    if (host === undefined && request.raw.httpVersion !== '1.0') {
      throw new ApiError(400, 'Invalid request', 'The request names no Host.');
    }
    // Servers on the way may have read either of them.
    if (host?.includes(',')) throw new ApiError(400, 'Invalid request', 'The request names more than one Host.');
    if (host !== undefined && !isOwnHost(host, config)) {
      throw new ApiError(
        421,
        'Host refused',
        `This API does not answer to the host name ${JSON.stringify(host)}. Add it to ALLOWED_HOSTS if it is right.`,
      );
    }
    const writes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (writes && origin !== undefined && !isOwnOrigin(origin, host, config)) {
      throw new ApiError(
        403,
        'Origin refused',
        `Pages of ${JSON.stringify(origin)} may not change anything here. Add it to CORS_ORIGINS if they should.`,
      );
    }
  });

  const { corsOrigins } = config;
  if (corsOrigins.length === 0) return;
  const shared = {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'etag',
      'retry-after',
      'age',
      'x-advice',
      'x-flyway-schema',
      'x-request-id',
      'x-unknown-parameters',
      'idempotency-replayed',
    ],
  };
  await app.register(cors, {
    delegator: ({ method, headers: { origin, ...sent } }, answer) => {
      // An OPTIONS that is not a preflight is checked like any other method.
      const isPreflight = origin !== undefined && sent['access-control-request-method'] !== undefined;
      answer(null, { ...shared, origin: method === 'OPTIONS' && !isPreflight ? false : corsOrigins });
    },
  });
});
