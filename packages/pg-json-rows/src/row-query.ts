import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { type Columns, type ParserOf, readColumns } from './json-columns.ts';
import { JsonRows } from './json-rows.ts';
import { RowParser, type RowPlace } from './protocol-parser.ts';

/** One statement's way through the driver: a client that leaves rows as bytes, and a query that takes them so. */

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

type DriverConnection = {
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

/** A connection that leaves rows as bytes. */
export class RowClient extends pg.Client {
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
    // A broken connection fails its query too, and the pool drops it; without a listener the event would end the process.
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

/** One run of a statement. It is a query of the driver's by descent only, because a pipelined client takes no other. */
class RowQuery extends DriverQuery {
  /** The driver may wrap it to time the query out. */
  callback: Settle;
  readonly #client: RowClient;
  readonly #statement: RowStatement;
  readonly #shape: Shape | undefined;
  #columns: Columns | undefined;
  #rows: JsonRows | undefined;
  #failure: Error | undefined;
  #settled = false;

  constructor(client: RowClient, statement: RowStatement, callback: Settle) {
    super('');
    this.#client = client;
    this.#statement = statement;
    this.#shape = statement.named ? shapeOf(statement.sql) : undefined;
    this.callback = callback;
  }

  /** Everything in one write; the answers come together as well. */
  submit({ stream }: { stream: Duplex }): Error | null {
    const { sql, parameters } = this.#statement;
    const shape = this.#shape;
    const name = shape?.name ?? '';
    try {
      const call = shape && parameters.length === 0 ? shape.call : callOf(name, parameters);
      const before = this.#client.closeEvicted();
      this.#columns = shape && this.#client.prepared.get(shape);
      if (!this.#columns) {
        // Closed first: it may be there from a run whose answer was lost. Closing what is not there is no error.
        if (shape) before.push(serialize.close({ type: 'S', name }));
        before.push(serialize.parse({ name, text: sql }), serialize.describe({ type: 'S', name }));
      }
      // What else is asked before the next turn of the loop goes out in the same write.
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
      this.#columns = readColumns(fields, parserOf);
      if (this.#shape) this.#client.prepared.set(this.#shape, this.#columns);
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  handleDataRow(row: RowPlace): void {
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
    // Further messages of this statement are ignored.
    this.#failure = error;
    if (this.#shape) this.#client.prepared.delete(this.#shape);
    this.#settle(error);
  }

  handleCommandComplete(): void {}

  #settle(error: Error | null, rows?: JsonRows): void {
    if (this.#settled) return;
    this.#settled = true;
    this.callback(error, rows);
  }
}

/** The server has lost the prepared statement, or its table was altered since: preparing it again repairs both. */
const stalePreparation = new Set(['26000', '0A000']);

/** Runs it on the client, after what runs there already; fails as the driver's own queries do. */
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
