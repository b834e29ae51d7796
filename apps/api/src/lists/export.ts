import type { ExportFormat } from '@at/contracts/export';
import type { ReadRows, RowSet } from '@at/pg-json-rows';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csvFromJson, separatorOf } from './csv.ts';
import type { Position } from './keyset.ts';
import { columnsOf, type ListStatements, type Segment } from './list-statements.ts';
import { positionOf } from './paging.ts';
import { firstBatch, laterBatch, streamReply } from './streaming.ts';

/** A list as a file, sent while it is read. */

/** The rows a batch at a time; the consumer releases each. */
async function* readAll<Row, Query>(
  read: ReadRows,
  statements: ListStatements<Row, Query>,
  query: Query,
): AsyncGenerator<RowSet> {
  const { list } = statements;
  let limit = firstBatch + 1;
  for (const segment of list.segments.keys()) {
    let position: Position | undefined;
    do {
      // Whole batches would delay the pages that people wait for: exports read where slow statements do.
      const set = await read({ ...statements.page(segment, { query, limit, offset: 0, position }), quick: false });
      const { length } = set;
      position = length === limit ? positionOf(list, segment, set, length - 1) : undefined;
      limit = laterBatch(list) + 1;
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

/** The file in chunks; the first one comes once the first rows are read. */
async function* chunksOf(writer: Writer, columns: string[], batches: AsyncGenerator<RowSet>) {
  let begin: string | undefined = writer.begin(columns);
  for await (const set of batches) {
    if (begin !== undefined) yield begin;
    yield writer.rows(set, begin !== undefined);
    begin = undefined;
    set.release();
  }
  yield (begin ?? '') + writer.end;
}

/** Sends every row of the list as a file named `<name>-<date>`. One batch is in memory at a time. */
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
  const date = new Date().toISOString().slice(0, 10);
  const headers = {
    'content-type': writer.type,
    'cache-control': 'no-store',
    'content-disposition': `attachment; filename="${name}-${date}.${format}"`,
  };
  const batches = readAll(read, statements, query);
  return streamReply(
    request,
    reply,
    headers,
    chunksOf(writer, columnsOf(statements.list.segments[0] as Segment<Row>), batches),
  );
}
