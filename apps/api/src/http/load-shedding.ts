import { getHealth, getLivez, getMetrics, getReadyz } from '@at/contracts/system';
import underPressure from '@fastify/under-pressure';
import fastifyPlugin from 'fastify-plugin';
import type { Deps } from '#deps.ts';
import { ApiError } from './api-error.ts';

/** Health and metrics are answered under any load. */
const alwaysAnswered = [getHealth, getLivez, getReadyz, getMetrics].map(({ url }) => url);

/** Samples in a row that must find the event loop lagging: a single long turn, such as at the start, refuses no request. */
const minimumSamples = 3;

/**
 * Answers 503 with Retry-After while the event loop lags, so that requests in flight finish instead of joining a growing
 * queue.
 */
export const loadShedding = fastifyPlugin<Pick<Deps, 'config' | 'lag'>>(async (app, { config, lag }) => {
  const spared = new Set(alwaysAnswered.flatMap((url) => [url, `${config.prefix}${url}`]));
  let lagging = 0;
  await app.register(underPressure, {
    maxEventLoopDelay: lag.maximum,
    sampleInterval: lag.interval,
    pressureHandler: async (request) => {
      if (lagging < minimumSamples || spared.has(request.routeOptions.url ?? '')) return;
      throw new ApiError(503, 'Overloaded', 'The API is overloaded. Send the request again in a moment.');
    },
  });
  const timer = setInterval(() => {
    lagging = app.isUnderPressure() ? lagging + 1 : 0;
  }, lag.interval).unref();
  app.addHook('onClose', async () => clearInterval(timer));
});
