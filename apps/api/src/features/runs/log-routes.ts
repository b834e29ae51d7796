import { pathOfEndpoint } from '@at/contracts/endpoint-path';
import { getTaskRunLogs, listLogs } from '@at/contracts/logs';
import { defaultLimit } from '@at/contracts/paging';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '#deps.ts';
import { openEventStream } from '#events/sse.ts';
import { encodeCursor, readPlace, timePattern } from '#lists/keyset.ts';
import { cursorPage } from '#lists/paging.ts';
import { acceptsStream } from '#request/accept.ts';
import { runNotFound } from './errors.ts';
import { LogTail } from './log-tail.ts';
import { findLogs, findRunLogs, type LogPage, type LogPlace, runExists } from './queries.ts';
import { lineOf, linesReply, wantsLine } from './rules.ts';

/** Names the orders of lines in cursors. */
const orders = { ofRun: 'run log', newest: 'log' };
const linePattern = /^[0-9a-f-]{36}:\d{1,6}:\d{1,9}$/;

const placeOf = ({ timestamp, job_id, retry_count, line }: LogPage['rows'][number]) => ({
  value: timestamp,
  id: `${job_id}:${retry_count}:${line}`,
});

function readLine(order: string, cursor: string | undefined): LogPlace | undefined {
  if (cursor === undefined) return undefined;
  const { value, id } = readPlace(order, cursor, linePattern, timePattern);
  const [job_id = '', retry_count, seq] = id.split(':');
  return { at: value as string, job_id, retry_count: Number(retry_count), seq: Number(seq) };
}

const wantsStream = ({ method, headers }: FastifyRequest) => method === 'GET' && acceptsStream(headers.accept);

export const logRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, config } = deps;
  const pathOf = (url: string) => pathOfEndpoint(url, { root: config.basePath, api: config.publicPrefix });
  const tail = new LogTail(deps, app.log);
  app.addHook('preClose', async () => tail.stop());

  async function follow(
    request: FastifyRequest,
    reply: FastifyReply,
    resume: string | undefined,
    what: Parameters<LogTail['serve']>[1],
  ): Promise<never> {
    const [header] = [request.headers['last-event-id']].flat();
    await tail.serve(openEventStream(reply), what, header || resume);
    return reply as never;
  }

  app.route({
    ...listLogs,
    handler: async (request, reply) => {
      const { lines: limit = defaultLimit, cursor, last_event_id, ...filter } = request.query;
      if (wantsStream(request)) {
        tail.requireRoom();
        return follow(request, reply, last_event_id, { wants: wantsLine(filter), dataOf: linesReply });
      }
      const { rows: found, snapshot } = await findLogs(db, filter, limit + 1, readLine(orders.newest, cursor));
      const page = { found, limit, total: null, order: orders.newest, placeOf };
      const { data, pagination } = cursorPage(request, pathOf(listLogs.url), page, 'lines');
      return { ...linesReply(data.reverse().map(lineOf)), pagination, last_event_id: snapshot };
    },
  });

  app.route({
    ...getTaskRunLogs,
    handler: async (request, reply) => {
      const { limit = defaultLimit, cursor, last_event_id, ...filter } = request.query;
      const { id } = request.params;
      if (wantsStream(request)) {
        tail.requireRoom();
        if (!(await runExists(db, id))) throw runNotFound(id);
        const what = { wants: wantsLine({ ...filter, run: id }), dataOf: (logs: object[]) => ({ logs }) };
        return follow(request, reply, last_event_id, what);
      }
      const { rows: found, snapshot } = await findRunLogs(db, id, filter, limit + 1, readLine(orders.ofRun, cursor));
      if (found.length === 0 && !(await runExists(db, id))) throw runNotFound(id);
      const page = { found, limit, total: null, order: orders.ofRun, placeOf };
      const { data, pagination } = cursorPage(request, pathOf(getTaskRunLogs.url.replace(':id', id)), page);
      const last = data.at(-1);
      return {
        logs: data.map(lineOf),
        pagination,
        cursor: last ? encodeCursor(orders.ofRun, { segment: 0, ...placeOf(last) }) : (cursor ?? null),
        last_event_id: snapshot,
      };
    },
  });
};
