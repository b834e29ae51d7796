import { randomUUID } from 'node:crypto';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Deps } from '#shared/deps.ts';
import { flywayRoutes } from './features/flyway/routes.ts';
import { labelRoutes } from './features/labels/routes.ts';
import { systemRoutes } from './features/system/routes.ts';
import { trainingRoutes } from './features/training/routes.ts';
import { bodies } from './http/bodies.ts';
import { consoleFiles, readConsole } from './http/console.ts';
import { docs } from './http/docs.ts';
import { errors, refuseUnreadable, sendProblem, toApiError } from './http/errors.ts';
import { parameters } from './http/parameters.ts';
import { browserHeaders, safety } from './http/safety.ts';

export type AppOptions = {
  logger?: FastifyBaseLogger | boolean | object;
  /** Where the built console lies; without it only the API answers. */
  consoleDirectory?: string;
};

/** The whole program in front of the database, not yet listening. */
export async function buildApp(deps: Deps, options: AppOptions = {}): Promise<FastifyInstance> {
  const { config } = deps;
  const files = options.consoleDirectory ? readConsole(options.consoleDirectory, config) : undefined;
  const headers = browserHeaders(files?.inlineScripts ?? []);
  const app = fastify({
    logger: (options.logger ?? false) as boolean,
    genReqId: () => randomUUID(),
    bodyLimit: 2 ** 20,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: 'idle',
    // Answered by a hook instead, in the one form of errors.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    // No hook runs for these, so they get their headers here.
    frameworkErrors: (error, request, reply) => {
      reply.headers(headers).header('x-request-id', request.id);
      sendProblem(toApiError(error, request.method).told, request, reply as FastifyReply);
    },
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket, headers),
  });

  if (options.consoleDirectory && !files) {
    app.log.warn(
      `The console is not built in ${options.consoleDirectory}; only the API answers. Build it with pnpm build.`,
    );
  }
  await app.register(bodies);
  await app.register(safety, { config, headers });
  await app.register(errors, files ? { page: files.page } : {});
  await app.register(parameters);
  await app.register(docs, { config });
  if (files) await app.register(consoleFiles, { config, files });
  await app.register(
    async (api) => {
      await api.register(systemRoutes, deps);
      await api.register(trainingRoutes, deps);
      await api.register(labelRoutes, deps);
      await api.register(flywayRoutes, deps);
    },
    { prefix: config.prefix },
  );
  return app;
}
