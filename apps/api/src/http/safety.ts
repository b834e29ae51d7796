import { isIP } from 'node:net';
import cors from '@fastify/cors';
import fastifyPlugin from 'fastify-plugin';
import { ApiError } from '#shared/api-error.ts';
import type { Config } from '../config.ts';

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
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase().replace(/:80$/, '');
}

export const safety = fastifyPlugin<Options>(async (app, { config, headers }) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
    const { host, origin } = request.headers;
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

  await app.register(cors, {
    origin: config.corsOrigins.length > 0 ? config.corsOrigins : false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['etag', 'retry-after', 'age', 'x-request-id', 'x-unknown-parameters', 'idempotency-replayed'],
  });
});
