import { getHealth, getLivez, getMetrics, getReadyz } from '@at/contracts/system';
import underPressure from '@fastify/under-pressure';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '#config.ts';
import { ApiError } from './api-error.ts';

/** Health and metrics are answered under any load. */
const alwaysAnswered = [getHealth, getLivez, getReadyz, getMetrics].map(({ url }) => url);

/** Milliseconds that the event loop may lag, on average since the last sample. */
const maximumLag = 1000;
/**
 * Milliseconds between two samples, and how many in a row must find it lagging: one long turn, as at the start, is over
 * before it is noticed.
 */
const interval = 500;
const looks = 3;

/**
 * Answers 503 with Retry-After while the event loop lags, so that requests in flight finish instead of joining a growing
 * queue.
 */
export const loadShedding = fastifyPlugin<{ config: Config }>(async (app, { config }) => {
  const spared = new Set(alwaysAnswered.flatMap((url) => [url, `${config.prefix}${url}`]));
  let lagging = 0;
  await app.register(underPressure, {
    maxEventLoopDelay: maximumLag,
    sampleInterval: interval,
    pressureHandler: async (request) => {
      if (lagging < looks || spared.has(request.routeOptions.url ?? '')) return;
      throw new ApiError(503, 'Overloaded', 'The API has more to do than it can. Send the request again in a moment.');
    },
  });
  const timer = setInterval(() => {
    lagging = app.isUnderPressure() ? lagging + 1 : 0;
  }, interval).unref();
  app.addHook('onClose', async () => clearInterval(timer));
});
