import { Kysely, PostgresDialect, type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import type { DB } from './schema.ts';

declare global {
  interface JSON {
    /** ES2026: an object that JSON.stringify writes as the text itself. */
    rawJSON: (text: string) => object;
  }
}

/** How Postgres' text becomes the values of the wire; the same rules whichever driver path reads a row. */

const isoPattern = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?$/;

/**
 * `2025-05-21 02:27:51.09+00` (DateStyle ISO, TimeZone UTC) as `2025-05-21T02:27:51.090000Z`. Going through `Date`
 * would lose the microseconds, which are what an ETag is made of. Text of another form (`infinity`, BC) stays as it is.
 */
export function timestampFromText(text: string): string {
  const match = isoPattern.exec(text);
  return match ? `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(6, '0')}Z` : text;
}

/**
 * `numeric` and `bigint` text as a JSON number that keeps every digit: an ordinary number where that says the same,
 * else a raw JSON literal (beyond 2^53, or more decimals than a double holds). NaN and infinities, which JSON lacks: null.
 */
export function numberFromText(text: string): number | null {
  const digits = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const value = Number(digits);
  if (!Number.isFinite(value)) return /^-?\d/.test(digits) ? (JSON.rawJSON(digits) as unknown as number) : null;
  return String(value) === digits ? value : (JSON.rawJSON(digits) as unknown as number);
}

/** `char(n)` without its padding. */
export function characterFromText(text: string): string {
  return text.replace(/ +$/, '');
}

const { builtins } = pg.types;
const bpcharArray = 1014;
const textArray = 1009 as number as (typeof builtins)['TEXT'];
const stringArray = pg.types.getTypeParser(textArray, 'text') as (text: string) => (string | null)[];

const parsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, numberFromText],
  [builtins.NUMERIC, numberFromText],
  [builtins.TIMESTAMPTZ, timestampFromText],
  [builtins.TIMESTAMP, timestampFromText],
  [builtins.BPCHAR, characterFromText],
  [bpcharArray, (text) => stringArray(text).map((value) => value && characterFromText(value))],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

export type PoolOptions = {
  /** A `postgres://` URL, or libpq-style settings. */
  connection: string | pg.PoolConfig;
  /** Connections at most. */
  max?: number;
  /** Settings of the driver that win over those of this module. */
  config?: pg.PoolConfig;
  /** Milliseconds a statement may run before Postgres cancels it. */
  statementTimeout?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Called when a pooled connection breaks while idle (database restart). */
  onError?: (error: Error) => void;
};

/** Marks a statement that is prepared, also in the database's own views. */
const preparedMark = '/* prepared */ ';
const preparedNames = new Map<string, string>();
const maximumPrepared = 50;

/** Prepares marked statements under a name, so that a connection parses them once and plans them rarely. */
class PreparingClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: the driver's own query takes many forms; only one matters here
  override query(text: any, values?: any, callback?: any): any {
    if (typeof text !== 'string' || !text.startsWith(preparedMark)) return super.query(text, values, callback);
    let name = preparedNames.get(text);
    if (name === undefined) {
      if (preparedNames.size >= maximumPrepared) return super.query(text, values, callback);
      name = `statement_${preparedNames.size + 1}`;
      preparedNames.set(text, name);
    }
    return super.query({ name, text, values }, callback);
  }
}

/** The server has lost the prepared statement, or a table was altered since so that its rows have another type. */
const stalePreparation = new Set(['26000', '0A000']);

/**
 * Runs a statement prepared: for frequent statements with constant text whose plan suits all parameters. Connections that
 * this module did not create run it unprepared.
 */
export async function runPrepared<Row>(db: Kysely<DB>, statement: RawBuilder<Row>): Promise<Row[]> {
  try {
    return (await sql<Row>`${sql.raw(preparedMark)}${statement}`.execute(db)).rows;
  } catch (error) {
    if (!stalePreparation.has((error as { code?: string }).code ?? '')) throw error;
    return (await statement.execute(db)).rows;
  }
}

/** How many connections a pool has open, how many of them are idle, and how many callers wait for one. */
export type PoolSize = { open: number; idle: number; waiting: number };

export function poolSize({ totalCount, idleCount, waitingCount }: pg.Pool): PoolSize {
  return { open: totalCount, idle: idleCount, waiting: waitingCount };
}

/** A pool whose sessions run in UTC with ISO dates. */
export function createPool(options: PoolOptions): pg.Pool {
  const connection =
    typeof options.connection === 'string' ? { connectionString: options.connection } : options.connection;
  const pool = new pg.Pool({
    Client: PreparingClient,
    ...connection,
    max: options.max ?? 4,
    types,
    options: '-c TimeZone=UTC -c DateStyle=ISO',
    application_name: options.applicationName ?? 'rear-differential',
    connectionTimeoutMillis: 5_000,
    ...(options.statementTimeout === undefined ? {} : { statement_timeout: options.statementTimeout }),
    ...options.config,
  });
  const onError = options.onError ?? (() => {});
  pool.on('error', onError);
  // The pool listens to its idle clients only; one that breaks between two statements of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

/** Typed queries over a pool; destroying it ends the pool. */
export function createDb(pool: pg.Pool): Kysely<DB> {
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
}
