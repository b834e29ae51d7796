import { type CompiledQuery, Kysely, PostgresDialect, type RawBuilder } from 'kysely';
import pg from 'pg';
import { type Connection, clientConfig, withoutNames } from './connection.ts';
import { ConnectionWatch } from './connection-watch.ts';
import type { DB } from './schema.ts';
import { timestampFromText } from './timestamp.ts';

declare global {
  interface JSON {
    /** ES2026: an object that JSON.stringify writes as this text. */
    rawJSON: (text: string) => object;
  }
}

// Conversion of PostgreSQL's text format to JSON values; every driver path follows the same rules.

/**
 * `numeric` and `bigint` text as a JSON number with every digit: a number if that is exact, else a raw JSON literal
 * (beyond 2^53, or too many decimals for a double). null for NaN and infinities, which JSON does not have.
 */
export function numberFromText(text: string): number | null {
  const digits = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const value = Number(digits);
  if (!Number.isFinite(value)) return /^-?\d/.test(digits) ? (JSON.rawJSON(digits) as unknown as number) : null;
  return String(value) === digits ? value : (JSON.rawJSON(digits) as unknown as number);
}

/** `char(n)` without its padding. */
function characterFromText(text: string): string {
  return text.replace(/ +$/, '');
}

const { builtins } = pg.types;
const bpcharArray = 1014;
const textArray = 1009 as number as (typeof builtins)['TEXT'];
type Texts = (string | null | Texts)[];
const stringArray = pg.types.getTypeParser(textArray, 'text') as (text: string) => Texts;

const withoutPadding = (values: Texts): Texts =>
  values.map((value) => (Array.isArray(value) ? withoutPadding(value) : value && characterFromText(value)));

const parsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, numberFromText],
  [builtins.NUMERIC, numberFromText],
  [builtins.TIMESTAMPTZ, timestampFromText],
  [builtins.TIMESTAMP, timestampFromText],
  [builtins.BPCHAR, characterFromText],
  [bpcharArray, (text) => withoutPadding(stringArray(text))],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

export type PoolOptions = {
  connection: Connection;
  /** Maximum number of connections. */
  max?: number;
  /** Driver settings that override the ones of this module. */
  config?: pg.PoolConfig;
  /** Milliseconds after which PostgreSQL cancels a statement; a second later it no longer waits for the reply. */
  statementTimeout?: number;
  /** Milliseconds to wait for a connection, 5,000 by default. */
  connectTimeout?: number;
  /** Milliseconds that a statement waits for a lock. */
  lockTimeout?: number;
  /** Watches the connections of several pools of one database together; by default each pool has its own. */
  watch?: ConnectionWatch;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Called when a connection breaks (database restart); an unhandled error event would end the process. */
  onError?: (error: Error) => void;
};

/** Prefix of statements to prepare; it also marks them in pg_stat_activity. */
const preparedMark = '/* prepared */ ';
/** Texts that went stale in a transaction, and are no longer prepared. */
const unprepared = new Set<string>();
/** Of a connection, which keeps the plan of each. */
const maximumPrepared = 100;

/** Prepares the marked statements by name, so that a connection parses each once and reuses its plan. */
class PreparingClient extends pg.Client {
  /** By text. */
  readonly #prepared = new Map<string, string>();

  /** Only a pool connects it. */
  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<this> | undefined {
    if (!callback) return super.connect() as Promise<this>;
    super.connect((error?: Error) => callback((error && withoutNames(error, this)) as Error));
    return undefined;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the driver's query has many overloads; only one matters here
  override query(text: any, values?: any, callback?: any): any {
    if (typeof text !== 'string' || !text.startsWith(preparedMark) || unprepared.has(text))
      return super.query(text, values, callback);
    let name = this.#prepared.get(text);
    if (name === undefined) {
      if (this.#prepared.size >= maximumPrepared) return super.query(text, values, callback);
      name = `statement_${this.#prepared.size + 1}`;
      this.#prepared.set(text, name);
    }
    return super.query({ name, text, values }, callback);
  }
}

/** SQLSTATEs: the prepared statement does not exist, or its result type changed because a table was altered. */
const stalePreparation = new Set(['26000', '0A000']);

/**
 * Runs a prepared statement: for frequent statements with a constant text and a plan that suits all parameters.
 * Connections from other pools run it unprepared. If the preparation is stale, a transaction fails, and its repetition does not.
 */
export async function runPrepared<Row>(
  db: Kysely<DB>,
  statement: RawBuilder<Row> | CompiledQuery<Row>,
): Promise<Row[]> {
  const plain = 'sql' in statement ? statement : statement.compile(db);
  const text = preparedMark + plain.sql;
  try {
    return (await db.executeQuery<Row>({ ...plain, sql: text })).rows;
  } catch (error) {
    if (!stalePreparation.has((error as { code?: string }).code ?? '')) throw error;
    if (db.isTransaction) {
      unprepared.add(text);
      throw error;
    }
    return (await db.executeQuery<Row>(plain)).rows;
  }
}

/** Open connections, idle ones among them, and callers that wait for one. */
export type PoolSize = { open: number; idle: number; waiting: number };

export function poolSize({ totalCount, idleCount, waitingCount }: pg.Pool): PoolSize {
  return { open: totalCount, idle: idleCount, waiting: waitingCount };
}

/** Milliseconds. */
const times = { connect: 5_000, reply: 1_000, idleInTransaction: 15_000 };

function poolConfig({ connection, connectTimeout = times.connect, applicationName }: PoolOptions): pg.PoolConfig {
  return {
    ...clientConfig(connection),
    application_name: applicationName ?? 'rear-differential',
    connectionTimeoutMillis: connectTimeout,
    // A connection that the other side forgot is noticed while it is idle too.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** A watch for several pools with these options. */
export function createWatch(options: PoolOptions): ConnectionWatch {
  return new ConnectionWatch(poolConfig(options), options.connectTimeout ?? times.connect);
}

/** A pool whose sessions have our settings, regardless of the database's defaults, and whose connections cannot go silent. */
export function createPool(options: PoolOptions): pg.Pool {
  const { statementTimeout, lockTimeout, onError = () => {} } = options;
  const limit = statementTimeout === undefined ? Number.POSITIVE_INFINITY : statementTimeout + times.reply;
  const Client = (options.config?.Client ?? PreparingClient) as typeof PreparingClient;
  const watch = options.watch ?? createWatch(options);
  const pool: pg.Pool = new pg.Pool({
    ...poolConfig(options),
    max: options.max ?? 4,
    types,
    ...(statementTimeout === undefined
      ? {}
      : { statement_timeout: statementTimeout, idle_in_transaction_session_timeout: times.idleInTransaction }),
    ...(lockTimeout === undefined ? {} : { lock_timeout: lockTimeout }),
    ...options.config,
    Client: watch.watched(Client, limit, () => pool) as unknown as new () => pg.Client,
  });
  pool.on('error', onError);
  // The pool handles errors of idle clients only; a break between two statements of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

/** Typed queries over a pool; destroying it ends the pool. */
export function createDb(pool: pg.Pool): Kysely<DB> {
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
}
