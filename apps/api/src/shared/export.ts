import { Readable } from 'node:stream';
import type { ExportFormat } from '@at/contracts/export';
import { stringify } from 'csv-stringify/sync';
import type { FastifyReply, FastifyRequest } from 'fastify';
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

/** Rows that are made into text together: few, so that what is made on the way is garbage before it is moved. */
const pieceRows = 50;

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

/** A number that a double might not hold keeps its text. */
function exactNumber(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && source !== undefined && source.length > 15 ? source : value;
}

const parseExactly = JSON.parse as (
  text: string,
  reviver?: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;

const betweenRows = Buffer.from('},{"');

/** Where each row but the last ends. Inside a text the quote is escaped, and no column holds objects. */
function* rowEnds(rows: Buffer): Generator<number> {
  for (let at = rows.indexOf(betweenRows); at >= 0; at = rows.indexOf(betweenRows, at + 1)) yield at + 1;
}

/** The rows in pieces, without the comma between two of them. */
function* piecesOf(rows: Buffer): Generator<Buffer> {
  let [begin, passed] = [0, 0];
  for (const end of rowEnds(rows)) {
    passed += 1;
    if (passed % pieceRows > 0) continue;
    yield rows.subarray(begin, end);
    begin = end + 1;
  }
  yield rows.subarray(begin);
}

function csvLines(rows: string, columns: string[]): string {
  // Reading every number's text costs ten times as much, and hardly any batch has one that needs it.
  const objects = parseExactly(`[${rows}]`, /\d[\d.]{15}/.test(rows) ? exactNumber : undefined) as Record<
    string,
    unknown
  >[];
  return stringify(
    objects.map((row) => columns.map((column) => row[column])),
    {
      record_delimiter: 'windows',
      escape_formulas: true,
      // A lone one ends a line too, for many a reader.
      quoted_match: /[\r\n]/,
      cast: { boolean: String, object: (value) => (Array.isArray(value) ? value.join('; ') : JSON.stringify(value)) },
    },
  );
}

type Writer = {
  type: string;
  begin: (columns: string[]) => string;
  rows: (rows: Buffer, columns: string[], isFirst: boolean) => Iterable<string | Buffer>;
  end: string;
};

const comma = Buffer.from(',\n');
const newline = Buffer.from('\n');

const writers: Record<ExportFormat, Writer> = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    begin: (columns) => stringify([columns], { record_delimiter: 'windows' }),
    rows: function* (rows, columns) {
      for (const piece of piecesOf(rows)) yield csvLines(piece.toString(), columns);
    },
    end: '',
  },
  json: {
    type: 'application/json; charset=utf-8',
    begin: () => '[',
    rows: (rows, _columns, isFirst) => (isFirst ? [rows] : [comma, rows]),
    end: ']\n',
  },
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    begin: () => '',
    rows: (rows) => {
      for (const end of rowEnds(rows)) rows.write('\n', end);
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
      if (!first.done) yield* writer.rows(first.value, columns, true);
      for await (const rows of batches) yield* writer.rows(rows, columns, false);
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
