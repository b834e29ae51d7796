import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { holdOwner } from '@at/domain/intents/owner';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify';
import { acceptedWords } from '#http/accepted-words.ts';
import { access } from '#http/access.ts';
import { AllowedMethods } from '#http/allowed-methods.ts';
import { bodyParsing } from '#http/body-parsing.ts';
import { browserHeaders } from '#http/browser-headers.ts';
import { consoleFiles, readConsole } from '#http/console.ts';
import { docs } from '#http/docs.ts';
import { hostAndOrigin } from '#http/host-and-origin.ts';
import { takeKey } from '#http/key-in-address.ts';
import { loadShedding } from '#http/load-shedding.ts';
import { createMetrics, measured, metricsRoutes } from '#http/metrics.ts';
import { withoutBase } from '#http/paths.ts';
import { methodsOfLiteralPaths, problems, refuseUnreadable, sendProblem, toApiError } from '#http/problems.ts';
import { queryParameters } from '#http/query-parameters.ts';
import { wellFormedText } from '#http/well-formed-text.ts';
import type { Deps } from './deps.ts';
import { features } from './features.ts';

export type AppOptions = {
  logger?: FastifyBaseLogger | boolean | object;
  /** The directory of the built console; without it only the API is served. */
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
    ...(config.basePath !== '' && {
      rewriteUrl: ({ url = '/' }: IncomingMessage) => withoutBase(url, config.basePath),
    }),
    ...(config.trustedProxies.length > 0 && { trustProxy: config.trustedProxies }),
    bodyLimit: 2 ** 20,
    // No plugin waits for anything but this process, which may get little of a busy machine.
    pluginTimeout: 0,
    requestTimeout: deps.requestTimeout,
    connectionTimeout: 60_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: 'idle',
    // Answered by a hook instead, in the one form of errors.
    return503OnClosing: false,
    http: {
      // A request without Host, or with two, is refused by a hook too. Without the second option Node hides the second one.
      requireHostHeader: false,
      joinDuplicateHeaders: true,
      // Node ends slow bodies in time only if headers have no longer, and looks for slow ones every 30 seconds by default.
      headersTimeout: deps.requestTimeout,
      connectionsCheckingInterval: Math.min(1_000, deps.requestTimeout),
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    // No hook runs for these, so they get their headers here.
    frameworkErrors: (error, request, reply) => {
      reply.headers(headers).header('x-request-id', request.id);
      sendProblem(toApiError(error, request.method).error, request, reply as FastifyReply);
    },
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket, headers),
  });

  // Before anything reads the address, also a log for debugging.
  app.server.prependListener('request', (request: IncomingMessage) => takeKey(request, config.basePath));

  if (options.consoleDirectory && !files) {
    app.log.warn(
      `The console is not built in ${options.consoleDirectory}; only the API answers. Build it with pnpm build.`,
    );
  }
  const metrics = createMetrics(deps);
  await app.register(measured, metrics);
  await app.register(bodyParsing);
  await app.register(hostAndOrigin, { config, headers });
  await app.register(loadShedding, { config, lag: deps.lag });
  await app.register(access, { config, attempts: deps.attempts });
  const methods = new AllowedMethods();
  await app.register(problems, { methods, ...(files && { page: files.page }) });
  await app.register(wellFormedText);
  await app.register(queryParameters);
  await app.register(acceptedWords, deps);
  await app.register(docs, { config, features });
  await app.register(metricsRoutes, { ...metrics, config });
  if (files) await app.register(consoleFiles, { config, files });
  for (const { routes, besidePrefix } of features) {
    await app.register(routes, { ...deps, prefix: besidePrefix ? '' : config.prefix });
  }
  await app.register(methodsOfLiteralPaths, { methods });
  // A connection whose reply is under way is idle only after it, and would hold up the end until its own.
  app.addHook('preClose', async () => {
    const looks = setInterval(() => app.server.closeIdleConnections(), 50);
    app.server.once('close', () => clearInterval(looks));
  });
  const { background, owner, ownerInterval } = deps;
  let letGo: (() => Promise<void>) | undefined;
  app.addHook('onListen', async () => {
    letGo = holdOwner(background, owner, app.log, ownerInterval);
  });
  // After the server has closed, so after the last reply: until then workers leave the intents of this process alone.
  app.addHook('onClose', async () => letGo?.());
  return app;
}
