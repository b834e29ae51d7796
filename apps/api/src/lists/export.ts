import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ExportFormat } from '@at/contracts/export';
import type { ReadRows, RowSet } from '@at/pg-json-rows';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csvFromJson, separatorOf } from './csv.ts';
import type { Position } from './keyset.ts';
import { columnsOf, type ListStatements } from './list-statements.ts';
import { positionOf } from './paging.ts';

/** A list as a file, sent while it is read: batch after batch by keyset, as fast as the client reads. */

/**
 * Rows of the first batch, which decides how soon the first byte comes, and of those behind it. Where no index serves the
 * list each batch reads the whole of it, so that fewer and larger ones are worth their memory.
 */
const firstBatch = 101;
const servedBatch = 501;
const otherBatch = 5001;

/** The rows a batch at a time; the consumer releases each. */
async function* readAll<Row, Query>(
  read: ReadRows,
  statements: ListStatements<Row, Query>,
  query: Query,
): AsyncGenerator<RowSet> {
  const { list } = statements;
  let limit = firstBatch;
  for (const segment of list.segments.keys()) {
    let position: Position | undefined;
    do {
      // Whole batches would delay the pages that people wait for: exports read where slow statements do.
      const set = await read({ ...statements.page(segment, { query, limit, offset: 0, position }), quick: false });
      const { length } = set;
      position = length === limit ? positionOf(list, segment, set, length - 1) : undefined;
      limit = list.isServed ? servedBatch : otherBatch;
      if (length > 0) yield set;
      else set.release();
    } while (position);
  }
}

type Writer = {
  type: string;
  begin: (columns: string[]) => string;
  /** The rows as they are in the file, written where they lie. */
  rows: (set: RowSet, isFirst: boolean) => Buffer;
  end: string;
};

const writers: Record<ExportFormat, Writer> = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    begin: (columns) => `${columns.join()}\r\n`,
    rows: (set) => csvFromJson(set.toJson(set.length)),
    end: '',
  },
  json: {
    type: 'application/json; charset=utf-8',
    begin: () => '[',
    rows: (set, isFirst) => set.toJson(set.length, isFirst ? '' : ',\n'),
    end: ']\n',
  },
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    begin: () => '',
    rows: (set) => {
      const rows = set.toJson(set.length, '', '\n');
      const separator = separatorOf(rows);
      for (let at = rows.indexOf(separator); at >= 0; at = rows.indexOf(separator, at + 1)) rows.write('\n', at + 1);
      return rows;
    },
    end: '',
  },
};

/** Waits until the chunk is written, so that its memory is free. Returns false if the client has disconnected. */
function write(raw: ServerResponse, chunk: string | Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = () => resolve(false);
    if (raw.destroyed) return gone();
    raw.once('close', gone);
    raw.write(chunk, (error) => {
      raw.off('close', gone);
      resolve(!error);
    });
  });
}

/**
 * Sends every row of the list as a file named `<name>-<date>`. Fails as any reply while nothing is sent yet;
 * later the connection is closed, so that the client notices. A client that disconnects stops the reading. One batch is in
 * memory at a time, where the next one is read to.
 */
export async function exportReply<Row, Query>(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    statements,
    query,
    name,
    read,
  }: {
    statements: ListStatements<Row, Query>;
    query: NoInfer<Query> & { format?: ExportFormat };
    name: string;
    read: ReadRows;
  },
): Promise<unknown> {
  const { format = 'csv' } = query;
  const writer = writers[format];
  const batches = readAll(read, statements, query);
  // Before the head is sent, so that a fault of the database is still a proper reply.
  let batch = await batches.next();
  const date = new Date().toISOString().slice(0, 10);
  reply.header('content-type', writer.type).header('cache-control', 'no-store');
  reply.header('content-disposition', `attachment; filename="${name}-${date}.${format}"`);
  if (request.method === 'HEAD') {
    batch.value?.release();
    return '';
  }

  const { raw } = reply;
  const headers = reply.getHeaders();
  reply.hijack();
  raw.writeHead(200, headers as OutgoingHttpHeaders);
  try {
    raw.write(writer.begin(columnsOf(statements.list)));
    for (let isFirst = true; !batch.done; isFirst = false, batch = await batches.next()) {
      const set = batch.value;
      const taken = await write(raw, writer.rows(set, isFirst));
      // The unread rest may still be in flight, so its memory is not reused.
      if (!taken) return reply;
      set.release();
    }
    raw.end(writer.end);
  } catch (error) {
    request.log.error(error);
    raw.destroy();
  }
  return reply;
}
