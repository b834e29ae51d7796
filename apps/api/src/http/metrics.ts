import { getMetrics } from '@at/contracts/system';
import { metricGroups } from '@at/domain/metrics';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Config } from '#config.ts';
import type { Deps } from '#deps.ts';
import { acceptsStream } from '#request/accept.ts';
import { refusals } from './problems.ts';

/** Measurements for Prometheus. */

export type Metrics = {
  register: Registry;
  inFlight: Gauge;
  duration: Histogram<'method' | 'route' | 'status'>;
  /** Reads what the database knows; what cannot be read has no samples then. */
  refresh: (onError: (error: unknown) => void) => Promise<void>;
};

export function createMetrics({
  config,
  pools,
  counts,
  calls,
  db,
}: Pick<Deps, 'config' | 'pools' | 'counts' | 'calls' | 'db'>): Metrics {
  // A register of its own: a process may hold several apps.
  const register = new Registry();
  const registers = [register];
  // Memory, processor, garbage collection and the lag of the event loop.
  collectDefaultMetrics({ register });
  const build = new Gauge({
    name: 'rear_diff_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node'],
    registers,
  });
  build.set({ version: config.version, node: process.version }, 1);
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the arrival of the headers until the reply is sent',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const inFlight = new Gauge({ name: 'http_requests_in_flight', help: 'Requests being answered', registers });
  new Gauge({
    name: 'rear_diff_database_connections',
    help: 'Connections by pool and state (open counts all); waiting: requests that wait for one',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const [pool, size] of Object.entries(pools())) {
        for (const [state, count] of Object.entries(size)) this.set({ pool, state }, count);
      }
    },
  });
  new Counter({
    name: 'rear_diff_shared_reads_total',
    help: 'Totals and counts, by whether one was computed for the request or shared with others',
    labelNames: ['answer'],
    registers,
    collect() {
      const { total, computed } = counts.requests;
      this.reset();
      this.inc({ answer: 'computed' }, computed);
      this.inc({ answer: 'shared' }, Math.max(0, total - computed));
    },
  });

  new Counter({
    name: 'atp_external_calls_total',
    help: 'Calls of this process to other systems; those of workers are in atp_queue_step_attempts and atp_runs',
    labelNames: ['system', 'result'],
    registers,
    collect() {
      this.reset();
      for (const { system, result, calls: count } of calls.seen) this.inc({ system, result }, count);
    },
  });
  new Counter({
    name: 'atp_external_call_seconds_total',
    help: 'Sum of the durations of these calls',
    labelNames: ['system', 'result'],
    registers,
    collect() {
      this.reset();
      for (const { system, result, seconds } of calls.seen) this.inc({ system, result }, seconds);
    },
  });
  new Counter({
    name: 'atp_torrent_error_total',
    help: 'Calls of this process to Transmission that failed',
    registers,
    collect() {
      this.reset();
      const failed = calls.seen.find(({ system, result }) => system === 'transmission' && result === 'failed');
      this.inc(failed?.calls ?? 0);
    },
  });

  const groups = metricGroups.map(({ metrics, collect }) => ({
    collect,
    gauges: new Map(
      metrics.map(({ name, help, labels }) => [name, new Gauge({ name, help, labelNames: [...labels], registers })]),
    ),
  }));
  const refresh = async (onError: (error: unknown) => void) => {
    let isReachable = true;
    // One after the other: a scrape takes one connection.
    for (const { collect, gauges } of groups) {
      const samples = isReachable
        ? await collect(db).catch((error: unknown) => {
            isReachable = false;
            onError(error);
            return [];
          })
        : [];
      for (const gauge of gauges.values()) gauge.reset();
      for (const { metric, labels, value } of samples) gauges.get(metric)?.set(labels, value);
    }
  };

  return { register, inFlight, duration, refresh };
}

/** Measures every request, also those that a later hook refuses: it comes first. */
export const measured = fastifyPlugin<Metrics>(async (app, { inFlight, duration }) => {
  app.addHook('onRequest', async (request, reply) => {
    inFlight.inc();
    // Also if the client disconnects, when `onResponse` is not called.
    reply.raw.once('close', () => {
      inFlight.dec();
      // The template, not the path: as many series as there are routes.
      const route = (request.is404 ? undefined : request.routeOptions.url) ?? 'none';
      // 499: the client disconnected before a reply.
      const status = refusals.get(request.raw.socket) ?? (reply.raw.headersSent ? reply.statusCode : 499);
      // As long as a client stays: apart from the replies of the same route that end.
      const isStream = status === 200 && acceptsStream(request.headers.accept);
      const of = { method: request.method, route: isStream ? `${route} (stream)` : route, status };
      duration.observe(of, reply.elapsedTime / 1000);
    });
  });
});

/** `/metrics`, and the same below the prefix. */
export const metricsRoutes: FastifyPluginAsync<Metrics & { config: Config }> = async (
  app,
  { config, register, refresh },
) => {
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    await refresh((error) => request.log.warn({ err: error }, 'Metrics of the database could not be read'));
    reply.header('content-type', register.contentType).header('cache-control', 'no-store');
    return register.metrics();
  };
  app.route({ ...getMetrics, url: `${config.prefix}${getMetrics.url}`, handler: answer });
  if (config.prefix !== '') app.get(getMetrics.url, { schema: { hide: true }, config: getMetrics.config }, answer);
};
