import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { type Columns, type ExactTimes, type ParserOf, readColumns } from './json-columns.ts';
import { JsonRows } from './json-rows.ts';
import { RowParser, type RowSlice } from './protocol-parser.ts';

// A driver client that leaves rows as bytes, and a query that reads them.

export type RowStatement = {
  sql: string;
  parameters: readonly unknown[];
  /** Prepare it by name, so that it is parsed and planned once: for statements whose plan suits all parameters. */
  named: boolean;
  exactTimes: ExactTimes;
};

/** The rows of one statement. */
export type FastRows = Pick<JsonRows, 'length' | 'text' | 'toJson'> & {
  /** Frees the memory and invalidates the result of `toJson`. */
  release: () => void;
};

type DriverConnection = {
  ssl: unknown;
  stream: Duplex;
  attachListeners: (stream: Duplex) => void;
  emit: (event: string, message: unknown) => void;
};

type Serialize = {
  parse: (message: { name: string; text: string }) => Buffer;
  describe: (message: { type: 'S'; name: string }) => Buffer;
  close: (message: { type: 'S'; name: string }) => Buffer;
  bind: (message: {
    statement: string;
    values: readonly unknown[];
    valueMapper: (value: unknown) => unknown;
  }) => Buffer;
  execute: () => Buffer;
  sync: () => Buffer;
};

const require = createRequire(import.meta.url);
const { serialize } = createRequire(require.resolve('pg'))('pg-protocol') as { serialize: Serialize };
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

/** A named statement on the server. */
class NamedStatement {
  readonly name: string;
  readonly sql: string;
  evicted = false;
  /** Bind, Execute and Sync without parameters. */
  readonly call: Buffer;

  constructor(name: string, sql: string) {
    this.name = name;
    this.sql = sql;
    this.call = callOf(name, []);
  }
}

function callOf(statement: string, values: readonly unknown[]): Buffer {
  return Buffer.concat([
    serialize.bind({ statement, values, valueMapper: prepareValue }),
    serialize.execute(),
    serialize.sync(),
  ]);
}

/** Named statements of this process; each connection has prepared the ones that it has run. */
const maximumNamed = 200;
const namedStatements = new Map<string, NamedStatement>();
let nameCount = 0;
let evictions = 0;

/** Finds or adds the named statement; evicts the least recently used one. */
function namedStatementOf(sql: string): NamedStatement {
  let named = namedStatements.get(sql);
  if (named) {
    namedStatements.delete(sql);
  } else {
    nameCount += 1;
    named = new NamedStatement(`rows_${nameCount}`, sql);
    const [oldest] = namedStatements.size < maximumNamed ? [] : namedStatements.values();
    if (oldest) {
      namedStatements.delete(oldest.sql);
      oldest.evicted = true;
      evictions += 1;
    }
  }
  namedStatements.set(sql, named);
  return named;
}

/** Bytes that a connection reads at once: twenty rows of a page are about half of it. */
const readSize = 64 * 1024;

/** A connection that leaves rows as bytes. */
export class RowClient extends pg.Client {
  /** Prepared statements of this connection. */
  readonly prepared = new Map<NamedStatement, Columns>();
  #evictionsSeen = evictions;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const connection = this.connection as unknown as DriverConnection;
    const parser = new RowParser();
    const receive = (chunk: Buffer) => {
      parser.parse(chunk, (message) => {
        connection.emit(message.name === 'error' ? 'errorMessage' : message.name, message);
      });
    };
    // The socket writes into the same memory again and again, instead of new memory for the garbage collector each time.
    // With TLS the driver reads from another stream.
    if (connection.ssl) {
      connection.attachListeners = (stream) => stream.on('data', receive);
    } else {
      connection.attachListeners = () => {};
      connection.stream = new Socket({
        onread: {
          buffer: Buffer.allocUnsafeSlow(readSize),
          callback: (length, bytes) => {
            receive(bytes.subarray(0, length) as Buffer);
            return true;
          },
        },
      });
    }
    // The query and the pool handle a broken connection; an unhandled error event would end the process.
    this.on('error', () => {});
  }

  /** Close messages for the statements evicted since the last call. */
  closeEvicted(): Buffer[] {
    if (this.#evictionsSeen === evictions) return [];
    this.#evictionsSeen = evictions;
    const gone = [...this.prepared.keys()].filter(({ evicted }) => evicted);
    for (const named of gone) this.prepared.delete(named);
    return gone.map(({ name }) => serialize.close({ type: 'S', name }));
  }
}

/** Memory for reuse. The memory of a failed run goes to the garbage collector. */
const spare: JsonRows[] = [];
let spareBytes = 0;
const maximumSpareBytes = 16 * 1024 * 1024;

function takeMemory(columns: Columns): JsonRows {
  const taken = spare.pop();
  if (taken) spareBytes -= taken.capacity;
  const rows = taken ?? new JsonRows();
  rows.begin(columns);
  return rows;
}

function giveMemory(rows: JsonRows): void {
  if (spareBytes + rows.capacity > maximumSpareBytes) return;
  spareBytes += rows.capacity;
  spare.push(rows);
}

type Settle = (error: Error | null, rows?: JsonRows) => void;

const DriverQuery = pg.Query as unknown as new (text: string) => object;

/** One run of a statement. It extends the driver's query only because a pipelined client requires that. */
class RowQuery extends DriverQuery {
  /** The driver may wrap it with a timeout. */
  callback: Settle;
  readonly #client: RowClient;
  readonly #statement: RowStatement;
  readonly #named: NamedStatement | undefined;
  #columns: Columns | undefined;
  #rows: JsonRows | undefined;
  #failure: Error | undefined;
  #settled = false;

  constructor(client: RowClient, statement: RowStatement, callback: Settle) {
    super('');
    this.#client = client;
    this.#statement = statement;
    this.#named = statement.named ? namedStatementOf(statement.sql) : undefined;
    this.callback = callback;
  }

  /** Sends all messages in one write. */
  submit({ stream }: { stream: Duplex }): Error | null {
    const { sql, parameters } = this.#statement;
    const named = this.#named;
    const name = named?.name ?? '';
    try {
      const call = named && parameters.length === 0 ? named.call : callOf(name, parameters);
      const before = this.#client.closeEvicted();
      this.#columns = named && this.#client.prepared.get(named);
      if (!this.#columns) {
        // Close it first: it may exist from a run with a lost reply. Closing an unknown name is no error.
        if (named) before.push(serialize.close({ type: 'S', name }));
        before.push(serialize.parse({ name, text: sql }), serialize.describe({ type: 'S', name }));
      }
      // Statements of the same event loop turn go out in one write.
      if (this.#client.pipeline && stream.writableCorked === 0) {
        stream.cork();
        setImmediate(() => stream.uncork());
      }
      stream.write(before.length > 0 ? Buffer.concat([...before, call]) : call);
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    try {
      const parserOf: ParserOf = (oid) => this.#client.getTypeParser(oid, 'text') as (text: string) => unknown;
      this.#columns = readColumns(fields, parserOf, this.#statement.exactTimes);
      if (this.#named) this.#client.prepared.set(this.#named, this.#columns);
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  handleDataRow(row: RowSlice): void {
    if (this.#failure || !this.#columns) return;
    try {
      this.#rows ??= takeMemory(this.#columns);
      this.#rows.add(row.bytes, row.offset, row.length);
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  handleReadyForQuery(): void {
    if (this.#failure) this.handleError(this.#failure);
    else if (this.#columns) this.#settle(null, this.#rows ?? takeMemory(this.#columns));
    else this.handleError(new Error(`The statement returns no rows: ${this.#statement.sql}`));
  }

  handleError(error: Error): void {
    // Ignore further messages.
    this.#failure = error;
    if (this.#named) this.#client.prepared.delete(this.#named);
    this.#settle(error);
  }

  handleCommandComplete(): void {}

  #settle(error: Error | null, rows?: JsonRows): void {
    if (this.#settled) return;
    this.#settled = true;
    this.callback(error, rows);
  }
}

/** SQLSTATEs: the prepared statement does not exist, or its table was altered; preparing it again fixes both. */
const stalePreparation = new Set(['26000', '0A000']);

/** Runs it on the client after the statements in flight; fails with the driver's errors. */
export function runStatement(client: RowClient, statement: RowStatement, retried = false): Promise<FastRows> {
  return new Promise((resolve, reject) => {
    const query = new RowQuery(client, statement, (error, rows) => {
      const isStale = statement.named && stalePreparation.has((error as { code?: string } | null)?.code ?? '');
      if (rows) resolve(hold(rows));
      else if (isStale && !retried) resolve(runStatement(client, statement, true));
      else reject(error);
    });
    client.query(query as unknown as pg.Submittable);
  });
}

function hold(rows: JsonRows): FastRows {
  let held = true;
  return {
    length: rows.length,
    text: (row, column) => rows.text(row, column),
    toJson: (count, before, after) => rows.toJson(count, before, after),
    release: () => {
      if (held) giveMemory(rows);
      held = false;
    },
  };
}
