import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { createPool, type PoolOptions } from './client.ts';
import { type Columns, JsonRows, type ParserOf, readColumns } from './json-rows.ts';

/**
 * Reads rows over the stock driver without making a string of every value: pool, TLS, authentication and errors are the
 * driver's; of its parser only the message DataRow is kept as bytes, and of its queries there is one more class, which
 * hands those bytes to `json-rows.ts`. That class leans on the driver's insides, hence `knownDriver`.
 */

/** The versions whose insides this file knows; both have the parser and the query protocol used here. */
const known = { pg: /^8\.23\./, 'pg-protocol': /^1\.16\./ };

const require = createRequire(import.meta.url);
const requireOfDriver = createRequire(require.resolve('pg'));

function installed(): { pg: string; 'pg-protocol': string } {
  const version = (manifest: string) => (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
  const protocol = requireOfDriver.resolve('pg-protocol');
  return {
    pg: version(require.resolve('pg/package.json')),
    'pg-protocol': version(protocol.replace(/[\\/]dist[\\/]index\.js$/, '/package.json')),
  };
}

/** What is installed, and whether this file may be used with it. */
export function driver(): { versions: string; isKnown: boolean } {
  const versions = installed();
  const names = ['pg', 'pg-protocol'] as const;
  return {
    versions: names.map((name) => `${name} ${versions[name]}`).join(', '),
    isKnown: names.every((name) => known[name].test(versions[name])),
  };
}

export type RowStatement = {
  sql: string;
  parameters: readonly unknown[];
  /** Prepare it under a name, so that it is parsed and planned once: for statements whose plan suits every parameter. */
  named: boolean;
};

/** The rows of one statement. */
export type FastRows = Pick<JsonRows, 'length' | 'text' | 'toJson'> & {
  /** Gives the memory back; what `toJson` returned is then no longer valid. */
  release: () => void;
};

/** A message of the driver's parser that holds a row. */
type DataRow = { bytes: Uint8Array; offset: number; length: number };

type Protocol = {
  Parser: new () => {
    parse(chunk: Buffer, callback: (message: { name: string }) => void): void;
    handlePacket(offset: number, code: number, length: number, bytes: Uint8Array): object;
  };
  serialize: {
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
};

type DriverConnection = {
  stream: Duplex;
  attachListeners: (stream: Duplex) => void;
  emit: (event: string, message: unknown) => void;
  sendCopyFail: (message: string) => void;
};

const { Parser } = requireOfDriver('pg-protocol/dist/parser.js') as Protocol;
const { serialize } = requireOfDriver('pg-protocol') as Protocol;
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

const dataRow = 'D'.charCodeAt(0);
const headerLength = 4;

/** A row as its place in the socket's buffer; the strings are made when somebody asks, before the next message. */
class RowInPlace implements DataRow {
  readonly name = 'dataRow';
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;

  /** For the driver's own queries. */
  get fields(): (string | null)[] {
    const bytes = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    let at = this.offset + 2;
    return Array.from({ length: bytes.readInt16BE(this.offset) }, () => {
      const size = bytes.readInt32BE(at);
      at += 4 + Math.max(0, size);
      return size < 0 ? null : bytes.toString('utf8', at - size, at);
    });
  }
}

class RowParser extends Parser {
  readonly #row = new RowInPlace();

  override handlePacket(offset: number, code: number, length: number, bytes: Uint8Array): object {
    if (code !== dataRow) return super.handlePacket(offset, code, length, bytes);
    this.#row.bytes = bytes;
    this.#row.offset = offset;
    this.#row.length = length - headerLength;
    return this.#row;
  }
}

/** A statement's SQL under its name on the server. */
class Shape {
  readonly name: string;
  readonly sql: string;
  evicted = false;
  /** Bind, Execute and Sync, when there is nothing to bind. */
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

/** Statements of this process that have a name on the server; each connection holds those it has run. */
const maximumShapes = 200;
const shapes = new Map<string, Shape>();
let madeShapes = 0;
let evictions = 0;

/** The statement's shape; the one not used for longest makes room. */
function shapeOf(sql: string): Shape {
  let shape = shapes.get(sql);
  if (shape) {
    shapes.delete(sql);
  } else {
    madeShapes += 1;
    shape = new Shape(`rows_${madeShapes}`, sql);
    const [oldest] = shapes.size < maximumShapes ? [] : shapes.values();
    if (oldest) {
      shapes.delete(oldest.sql);
      oldest.evicted = true;
      evictions += 1;
    }
  }
  shapes.set(sql, shape);
  return shape;
}

/** A connection whose rows stay bytes until somebody asks. */
class RowClient extends pg.Client {
  /** What is prepared on this connection. */
  readonly prepared = new Map<Shape, Columns>();
  #evictionsSeen = evictions;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const connection = this.connection as unknown as DriverConnection;
    connection.attachListeners = (stream) => {
      const parser = new RowParser();
      stream.on('data', (chunk: Buffer) => {
        parser.parse(chunk, (message) => {
          connection.emit(message.name === 'error' ? 'errorMessage' : message.name, message);
        });
      });
    };
    // A broken connection fails its query too, and the pool lets go of it; unheard, the event would end the process.
    this.on('error', () => {});
  }

  /** Messages that let go of what has been evicted since the last call. */
  closeEvicted(): Buffer[] {
    if (this.#evictionsSeen === evictions) return [];
    this.#evictionsSeen = evictions;
    const gone = [...this.prepared.keys()].filter(({ evicted }) => evicted);
    for (const shape of gone) this.prepared.delete(shape);
    return gone.map(({ name }) => serialize.close({ type: 'S', name }));
  }
}

/** Memory that waits for its next rows. What a failed run held is left to the garbage collector. */
const spare: JsonRows[] = [];
const maximumSpare = 16;
const largestSpare = 4 * 1024 * 1024;

/** One run of a statement, as the driver's client wants a query to be. */
class RowQuery extends pg.Query {
  /** The driver may wrap it to time the query out. */
  callback: any;
  readonly #client: RowClient;
  readonly #statement: RowStatement;
  readonly #shape: Shape | undefined;
  readonly #rows = spare.pop() ?? new JsonRows();
  #failure: Error | undefined;
  #settled = false;

  constructor(client: RowClient, statement: RowStatement, callback: RowQuery['callback']) {
    super({text:''});
    this.#client = client;
    this.#statement = statement;
    this.#shape = statement.named ? shapeOf(statement.sql) : undefined;
    this.callback = callback;
  }

  /** Everything in one write; the server's answers come in one go as well. */
  submit({ stream }: { stream: Duplex }): Error | null {
    const { sql, parameters } = this.#statement;
    const shape = this.#shape;
    const name = shape?.name ?? '';
    const columns = shape && this.#client.prepared.get(shape);
    try {
      const call = shape && parameters.length === 0 ? shape.call : callOf(name, parameters);
      const before = this.#client.closeEvicted();
      if (columns) {
        this.#rows.begin(columns);
      } else {
        // Closed first: it may be there from a run whose answer was lost. Closing what is not there is no error.
        if (shape) before.push(serialize.close({ type: 'S', name }));
        before.push(serialize.parse({ name, text: sql }), serialize.describe({ type: 'S', name }));
      }
      if (!(stream as any).writableCorked) { stream.cork(); setImmediate(() => stream.uncork()); }
      stream.write(before.length > 0 ? Buffer.concat([...before, call]) : call);
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    try {
      const parserOf: ParserOf = (oid) => this.#client.getTypeParser(oid, 'text') as (text: string) => unknown;
      const columns = readColumns(fields, parserOf);
      if (this.#shape) this.#client.prepared.set(this.#shape, columns);
      this.#rows.begin(columns);
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  handleDataRow(row: DataRow): void {
    if (this.#failure) return;
    try {
      this.#rows.add(row.bytes, row.offset, row.length);
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  handleReadyForQuery(): void {
    if (this.#failure) this.handleError(this.#failure);
    else this.#settle(null, this.#rows);
  }

  handleError(error: Error): void {
    // What follows from the server, if anything, is no longer wanted.
    this.#failure = error;
    if (this.#shape) this.#client.prepared.delete(this.#shape);
    this.#settle(error);
  }

  #settle(error: Error | null, rows?: JsonRows): void {
    if (this.#settled) return;
    this.#settled = true;
    this.callback(error, rows);
  }

  handleCommandComplete(): void {}

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyData(): void {}

  handleCopyInResponse(connection: DriverConnection): void {
    connection.sendCopyFail('This connection only reads rows.');
  }
}

/** The server has lost the prepared statement, or its table was altered since: preparing it anew mends both. */
const stalePreparation = new Set(['26000', '0A000']);

function run(client: RowClient, statement: RowStatement, settle: RowQuery['callback'], retried = false): void {
  const query = new RowQuery(client, statement, (error, rows) => {
    const isStale = statement.named && stalePreparation.has((error as { code?: string } | null)?.code ?? '');
    if (isStale && !retried) run(client, statement, settle, true);
    else settle(error, rows);
  });
  client.query(query as unknown as pg.Submittable);
}

function hold(rows: JsonRows): FastRows {
  let held = true;
  return {
    length: rows.length,
    text: (row, column) => rows.text(row, column),
    toJson: (count) => rows.toJson(count),
    release: () => {
      if (held && spare.length < maximumSpare && rows.capacity <= largestSpare) spare.push(rows);
      held = false;
    },
  };
}

/**
 * Connections that read rows as JSON bytes; `max` of them at most. Only with a known driver (`driver().isKnown`).
 * `read` fails as the driver's own queries do.
 */
export function createRowPool(options: PoolOptions): {
  pool: pg.Pool;
  read: (statement: RowStatement) => Promise<FastRows>;
} {
  const connection =
    typeof options.connection === 'string' ? { connectionString: options.connection } : options.connection;
  const pool = createPool({ ...options, connection: { ...connection, Client: RowClient } });
  if ((options as any).pipeline) {
    const clients: any[] = [];
    let turn = 0;
    const open = async () => { const c = new RowClient({ connectionString: options.connection as string, types: pool.options.types, options: '-c TimeZone=UTC -c DateStyle=ISO', pipeline: true } as any); await c.connect(); return c; };
    return { pool, read: async (statement) => {
      const i = turn++ % (options as any).pipeline;
      const client = await (clients[i] ??= open());
      return new Promise<FastRows>((resolve, reject) => run(client, statement, (failure: any, rows: any) => { if (failure) reject(failure); else resolve(hold(rows)); }));
    } };
  }
  const read = (statement: RowStatement) =>
    new Promise<FastRows>((resolve, reject) => {
      pool.connect((error, client, done) => {
        if (error || !client) return reject(error);
        run(client as unknown as RowClient, statement, (failure, rows) => {
          done();
          if (failure || !rows) return reject(failure);
          resolve(hold(rows));
        });
      });
    });
  return { pool, read };
}
