import { Readable } from 'node:stream';
import type { ExportFormat } from '@at/contracts/export';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csvFromJson } from './csv.ts';
import type { Position } from './keyset.ts';
import { columnsOf, type ListStatements } from './list.ts';
import { positionOf } from './paging.ts';
import type { ReadRows } from './row-set.ts';

/** A list as a file, sent while it is read: batch after batch by keyset, as fast as the caller takes it. */

/**
 * Rows of the first batch, which decides how soon the first byte comes, and of those behind it. Where no index serves the
 * list each batch reads the whole of it, so that fewer and larger ones are worth their memory.
 */
const firstBatch = 101;
const servedBatch = 501;
const otherBatch = 5001;

/** The rows as JSON objects separated by commas, a batch at a time; they are the caller's own copy. */
async function* readAll<Row, Query>(
  read: ReadRows,
  statements: ListStatements<Row, Query>,
  query: Query,
): AsyncGenerator<Buffer> {
  const { list } = statements;
  let limit = firstBatch;
  for (const phase of list.phases.keys()) {
    let position: Position | undefined;
    do {
      // Whole batches would delay the pages that people wait for: exports read where slow statements do.
      const set = await read({ ...statements.page(phase, { query, limit, offset: 0, position }), quick: false });
      const { length } = set;
      position = length === limit ? positionOf(list, phase, set, length - 1) : undefined;
      const rows = length > 0 ? Buffer.from(set.toJson(length)) : undefined;
      set.release();
      if (rows) yield rows;
      limit = list.isServed ? servedBatch : otherBatch;
    } while (position);
  }
}

type Writer = {
  type: string;
  begin: (columns: string[]) => string;
  rows: (rows: Buffer, isFirst: boolean) => Iterable<string | Buffer>;
  end: string;
};

const comma = Buffer.from(',\n');
const newline = Buffer.from('\n');
/** Between two rows only: inside a text the quote is escaped, and no column holds objects. */
const betweenRows = Buffer.from('},{"');

const writers: Record<ExportFormat, Writer> = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    begin: (columns) => `${columns.join()}\r\n`,
    rows: (rows) => [csvFromJson(rows)],
    end: '',
  },
  json: {
    type: 'application/json; charset=utf-8',
    begin: () => '[',
    rows: (rows, isFirst) => (isFirst ? [rows] : [comma, rows]),
    end: ']\n',
  },
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    begin: () => '',
    rows: (rows) => {
      for (let at = rows.indexOf(betweenRows); at >= 0; at = rows.indexOf(betweenRows, at + 1))
        rows.write('\n', at + 1);
      return [rows, newline];
    },
    end: '',
  },
};

/**
 * Answers with every row of the list as a file named `<name>-<date>`. Fails as any reply while nothing is sent yet;
 * later the connection is cut, so that the caller notices. A caller that goes away stops the reading.
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
  const columns = columnsOf(statements.list);
  const batches = readAll(read, statements, query);
  // Before the head is sent, so that a fault of the database is still a proper reply.
  const first = await batches.next();

  async function* write(): AsyncGenerator<string | Buffer> {
    try {
      yield writer.begin(columns);
      if (!first.done) yield* writer.rows(first.value, true);
      for await (const rows of batches) yield* writer.rows(rows, false);
      yield writer.end;
    } finally {
      await batches.return(undefined);
    }
  }

  const date = new Date().toISOString().slice(0, 10);
  reply.header('content-type', writer.type).header('cache-control', 'no-store');
  reply.header('content-disposition', `attachment; filename="${name}-${date}.${format}"`);
  if (request.method === 'HEAD') return '';
  return Readable.from(write());
}
