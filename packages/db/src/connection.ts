import { isIP } from 'node:net';
import pg from 'pg';
import { databaseFault } from './database-fault.ts';

// How every program of this project finds its database, and the session that it works in.

/** A `postgres://` URL, or the driver's settings. */
export type Connection = string | pg.ClientConfig;

/** The variables do not name a usable database. The message never holds a value of DATABASE_URL. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

const parts = ['HOST', 'PORT', 'USERNAME', 'PASSWORD', 'DATABASE'] as const;

/** The database that DATABASE_URL or REAR_DIFF_PGSQL_* name; null: neither is set. An empty variable is not set. */
export function readConnection(environment: Record<string, string | undefined>): Connection | null {
  const value = (name: string) => (environment[name]?.trim() ? environment[name] : undefined);
  const url = value('DATABASE_URL');
  if (url !== undefined) return checkUrl(url);

  const prefix = 'REAR_DIFF_PGSQL_';
  const part = (name: (typeof parts)[number]) => value(`${prefix}${name}`);
  if (!parts.some(part)) return null;
  const needed = (name: (typeof parts)[number]) => {
    const found = part(name);
    if (found === undefined) throw new ConnectionError(`${prefix}${name} is not set. Set it, or DATABASE_URL instead.`);
    return found;
  };
  if (part('HOST')?.includes('://')) {
    throw new ConnectionError(`${prefix}HOST is a URL. Write the host alone, or set DATABASE_URL to the URL.`);
  }
  const port = Number(part('PORT') ?? 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ConnectionError(`${prefix}PORT is not a port. Set it to a number from 1 to 65535.`);
  }
  const password = needed('PASSWORD');
  return {
    host: needed('HOST'),
    port,
    user: part('USERNAME') ?? 'postgres',
    password,
    database: part('DATABASE') ?? 'postgres',
  };
}

/**
 * A raw `/`, `?`, `#` or `@` in a password ends the part that holds it, and the rest of the password would be read, and
 * printed, as the name of the database or as a parameter.
 */
const urlPattern = /^postgres(ql)?:\/\/[^/?#]*(\/[^/?#@]*)?(\?[^#@]*)?$/;

function checkUrl(url: string): string {
  try {
    if (urlPattern.test(url) && Number.isInteger(targetOf(url).port)) return url;
  } catch (error) {
    // The driver reads the certificates that a URL names.
    const { code, path } = error as NodeJS.ErrnoException;
    if (path) throw new ConnectionError(`DATABASE_URL names the file ${path}, which cannot be read (${code}).`);
  }
  throw new ConnectionError(
    'DATABASE_URL cannot be read. Write it as postgres://user:password@host:port/database, with special characters of ' +
      'user and password percent-encoded.',
  );
}

export type Target = { host: string; port: number; user: string | undefined; database: string | undefined };

/** Where a connection leads, without its password. The host of a socket is its directory. */
export function targetOf(connection: Connection): Target {
  const { host, port, user, database } = new pg.Client(connection);
  return { host, port, user, database };
}

/**
 * The names for a message. PostgreSQL takes every text as a name, but one with signs that names seldom have may be a password
 * or a URL that was put into the wrong variable: that variable is named instead.
 */
export function shownTarget(
  connection: Connection,
): Record<'host' | 'user' | 'database', string> & { isWhole: boolean } {
  const { host, user = '', database = '' } = targetOf(connection);
  let isWhole = true;
  const shown = (value: string, isName: boolean, variable: string) => {
    if (isName) return value;
    isWhole = false;
    return typeof connection === 'string' ? '(see DATABASE_URL)' : `(see REAR_DIFF_PGSQL_${variable})`;
  };
  const name = /^[\p{L}\p{N}_. -]*$/u;
  return {
    // A socket's directory begins with a slash.
    host: shown(host, isIP(host) > 0 || /^\/?[\w.-]*$|^\/[\w./-]*$/.test(host), 'HOST'),
    user: shown(user, name.test(user), 'USERNAME'),
    database: shown(database, name.test(database), 'DATABASE'),
    isWhole,
  };
}

export function describeTarget(connection: Connection): string {
  const { host, user, database } = shownTarget(connection);
  return `database ${database} on ${host}:${targetOf(connection).port} as ${user}`;
}

/** Takes the names that messages must not show out of an error of a connection, which repeats them. */
export function withoutNames<E extends Error>(error: E, connection: Connection | Target): E {
  if (shownTarget(connection as Connection).isWhole) return error;
  const message = databaseFault(error) ?? `The connection failed (${(error as { code?: string }).code ?? error.name}).`;
  // Its other members repeat them as well.
  const { code, syscall } = error as { code?: string; syscall?: string };
  for (const key of Object.keys(error)) Reflect.deleteProperty(error, key);
  return Object.assign(error, { message, stack: `${error.name}: ${message}`, code, syscall });
}

/**
 * The settings that decide the bytes of a reply and the meaning of a statement. `ALTER DATABASE`, `ALTER ROLE` and the
 * URL can change each of them, so each of our sessions sets them.
 */
const sessionSettings: Record<string, string> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  standard_conforming_strings: 'on',
  bytea_output: 'hex',
  extra_float_digits: '1',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  array_nulls: 'on',
  quote_all_identifiers: 'off',
  transform_null_equals: 'off',
  gin_fuzzy_search_limit: '0',
  default_transaction_isolation: 'read committed',
  exit_on_error: 'off',
  idle_session_timeout: '0',
};

const startupOptions = Object.entries(sessionSettings)
  .map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
  .join(' ');

/** Parameters of a URL that the driver would prefer to the settings that our code chooses. */
const reserved = [
  'binary',
  'client_encoding',
  'idle_in_transaction_session_timeout',
  'lock_timeout',
  'query_timeout',
  'replication',
  'statement_timeout',
];

/**
 * The driver's settings for a connection. Its own `options` count, except for what `sessionSettings` states: the last
 * value of an option wins.
 */
export function clientConfig(connection: Connection): pg.ClientConfig {
  const withOurs = (options: string | null | undefined) => [options, startupOptions].filter(Boolean).join(' ');
  if (typeof connection !== 'string') return { ...connection, options: withOurs(connection.options) };
  // Not by `URL`, which refuses an empty host after a user.
  const [address = '', query] = connection.split('?', 2);
  const parameters = new URLSearchParams(query);
  for (const name of reserved) parameters.delete(name);
  parameters.set('options', withOurs(parameters.get('options')));
  return { connectionString: `${address}?${parameters}` };
}

/** What a session must have and cannot state itself: a superuser's setting, or one that older versions do not know. */
const foreignSettings: Record<string, string> = { session_replication_role: 'origin', transaction_timeout: '0' };

export type Query = <Row extends object>(text: string) => Promise<{ rows: Row[] }>;

/** What is wrong with the settings of a session, and how to fix it; null: nothing. */
export async function findSessionFault(query: Query): Promise<string | null> {
  const expected: Record<string, string> = { ...sessionSettings, ...foreignSettings };
  const names = Object.keys(expected).map((name) => pg.escapeLiteral(name));
  const { rows } = await query<{ role: string; path: string[]; settings: Record<string, string> }>(
    `SELECT current_user AS role, current_schemas(true)::text[] AS path,
       (SELECT json_object_agg(name, reset_val) FROM pg_catalog.pg_settings WHERE name IN (${names.join(', ')})) AS settings`,
  );
  const { role, path, settings } = rows[0] as (typeof rows)[0];
  const alter = `ALTER ROLE ${pg.escapeIdentifier(role)}`;
  const shadow = path.find((schema) => !schema.startsWith('pg_temp'));
  if (shadow !== 'pg_catalog') {
    return (
      `The search_path of role ${role} has schema ${shadow} before pg_catalog, so that its functions replace those of ` +
      `PostgreSQL. Remove pg_catalog from it with ${alter} SET search_path = ...`
    );
  }
  const [name] = Object.entries(settings).find(([one, value]) => value !== expected[one]) ?? [];
  if (name === undefined) return null;
  return (
    `The session of role ${role} has ${name} = ${JSON.stringify(settings[name])} where this version needs ` +
    `${JSON.stringify(expected[name])}, and cannot change it: a proxy such as PgBouncer drops it, or the database sets it. ` +
    `Connect without the proxy, or have a superuser run: ${alter} SET ${name} = ${pg.escapeLiteral(expected[name] as string)}.`
  );
}
