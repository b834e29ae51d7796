import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Connection, clientConfig, describeTarget, withoutNames } from './connection.ts';
import {
  type ComparedMigration,
  compareHistory,
  findProblems,
  type HistoryRow,
  isOwnHistory,
  type Migration,
  MigrationError,
  readMigrations,
} from './migration-files.ts';
import { checkPreconditions, readPreconditions } from './migration-preconditions.ts';
import { timestampText } from './timestamp.ts';

// Runs the migration sets and writes the same history rows as Flyway, so that either can continue after the other.

export type MigrationSet = {
  name: 'atp' | 'console' | 'atp-extras';
  directory: string;
  /** Schema and name of the history table. */
  schema: string;
  table: string;
};

const directoryOf = (name: string) => fileURLToPath(new URL(`../../../infra/migrations/${name}`, import.meta.url));

export const migrationSets: Record<MigrationSet['name'], MigrationSet> = {
  atp: { name: 'atp', directory: directoryOf('atp'), schema: 'public', table: 'flyway_schema_history' },
  console: { name: 'console', directory: directoryOf('console'), schema: 'console', table: 'flyway_schema_history' },
  'atp-extras': {
    name: 'atp-extras',
    directory: directoryOf('atp-extras'),
    schema: 'console',
    table: 'flyway_extras_history',
  },
};

/** `waiting`: another run holds the lock. */
export type Progress =
  | { kind: 'waiting' }
  | { kind: 'started'; migration: Migration }
  | { kind: 'finished'; migration: Migration; milliseconds: number };

export type MigrateOptions = {
  onProgress?: (progress: Progress) => void;
  /** Cancels the running statement; it is rolled back, or the next run repeats it. */
  signal?: AbortSignal;
};

export type Inspection = {
  /** null: the database has no such history. */
  rows: HistoryRow[] | null;
  /** null: no history yet. For another project's history `compared` is meaningless. */
  keptBy: 'this project' | 'another project' | null;
  compared: ComparedMigration[];
};

type Queryable = {
  query: <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<pg.QueryResult<R>>;
};

const historyOf = (set: MigrationSet) => `${pg.escapeIdentifier(set.schema)}.${pg.escapeIdentifier(set.table)}`;

async function findHistoryTable(client: Queryable, set: MigrationSet): Promise<'none' | 'closed' | 'open'> {
  const { rows } = await client.query<{ open: boolean }>(
    `SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS open
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2`,
    [set.schema, set.table],
  );
  return rows[0] === undefined ? 'none' : rows[0].open ? 'open' : 'closed';
}

/** The rows of a set's history in installation order; null without a history table. */
export async function readHistory(client: Queryable, set: MigrationSet): Promise<HistoryRow[] | null> {
  if ((await findHistoryTable(client, set)) === 'none') return null;
  const { rows } = await client.query<HistoryRow>(
    `SELECT installed_rank, version, description, type, script, checksum, installed_by,
       ${timestampText('installed_on')} AS installed_on, execution_time, success
     FROM ${historyOf(set)} ORDER BY installed_rank`,
  );
  return rows;
}

/** Compares the shipped files with the database's history. Changes nothing. */
export async function inspect(connection: Connection, set: MigrationSet): Promise<Inspection> {
  const files = await readMigrations(set.directory);
  return withSession(connection, async (client) => {
    // A history of the platform that this role may not read is not ours to continue.
    if (set.name === 'atp' && (await findHistoryTable(client, set)) === 'closed') {
      return { rows: null, keptBy: 'another project', compared: compareHistory(files, []) };
    }
    const rows = await readHistory(client, set);
    let keptBy: Inspection['keptBy'] = null;
    if (rows?.length) keptBy = isOwnHistory(files, rows) ? 'this project' : 'another project';
    else if (set.name === 'atp' && (await readPreconditions(client, set)).atp_exists) keptBy = 'another project';
    return { rows, keptBy, compared: compareHistory(files, rows ?? []) };
  });
}

/** One sentence per difference between the set and the database; empty when every migration ran as shipped. */
export async function validate(connection: Connection, set: MigrationSet): Promise<string[]> {
  const files = await readMigrations(set.directory);
  const rows = (await withSession(connection, (client) => readHistory(client, set))) ?? [];
  if (!isOwnHistory(files, rows)) return [foreignHistoryMessage(files, rows, set)];
  const pending = compareHistory(files, rows).filter(({ state }) => state === 'pending');
  return [
    ...findProblems(files, rows),
    ...pending.map(({ script }) => `${script} has not run on this database yet. Run migrate.`),
  ];
}

/**
 * Applies the pending migrations in order and returns them. A concurrent run waits, then finds nothing to do.
 * Throws MigrationError before any change if the set does not fit the database, or after the last complete migration.
 */
export async function migrate(
  connection: Connection,
  set: MigrationSet,
  { onProgress = () => {}, signal }: MigrateOptions = {},
): Promise<Migration[]> {
  const files = await readMigrations(set.directory);
  return withSession(connection, async (client) => {
    const stopCancelling = await cancelOnAbort(connection, client, signal);
    try {
      await lock(client, set, onProgress, signal);
      const rows = await readHistory(client, set);
      if (!isOwnHistory(files, rows ?? [])) throw new MigrationError(foreignHistoryMessage(files, rows ?? [], set));
      const problems = findProblems(files, rows ?? []);
      if (problems.length > 0) throw new MigrationError(problems.join('\n'));
      const compared = compareHistory(files, rows ?? []);
      const pending = files.filter(({ script }) =>
        compared.some((migration) => migration.state === 'pending' && migration.script === script),
      );
      if (pending.length === 0) return [];

      await checkPreconditions(client, set, rows);
      if (rows === null) await createHistory(client, set);
      for (const migration of pending) {
        if (signal?.aborted)
          throw new MigrationError(`Interrupted before ${migration.script}. Run migrate to continue.`);
        onProgress({ kind: 'started', migration });
        const milliseconds = await apply(client, set, migration, signal);
        onProgress({ kind: 'finished', migration, milliseconds });
      }
      return pending;
    } finally {
      stopCancelling();
    }
  });
}

/** Removes the rows of failed migrations, so that they can run again, and returns their file names. */
export async function repair(connection: Connection, set: MigrationSet): Promise<string[]> {
  const files = await readMigrations(set.directory);
  return withSession(connection, async (client) => {
    await lock(client, set, () => {});
    const rows = (await readHistory(client, set)) ?? [];
    if (!isOwnHistory(files, rows)) throw new MigrationError(foreignHistoryMessage(files, rows, set));
    if (rows.every(({ success }) => success)) return [];
    const removed = await client.query<{ script: string }>(
      `DELETE FROM ${historyOf(set)} WHERE NOT success RETURNING script`,
    );
    return removed.rows.map(({ script }) => script);
  });
}

/**
 * A separate connection without timeouts: building an index on a large table takes long. `connectTimeout` in
 * milliseconds. Throws MigrationError with the server's name for errors of the connection and of PostgreSQL.
 */
export async function withSession<T>(
  connection: Connection,
  work: (client: pg.Client) => Promise<T>,
  connectTimeout = 10_000,
): Promise<T> {
  const client = new pg.Client({
    application_name: 'rear-differential migrations',
    connectionTimeoutMillis: connectTimeout,
    ...clientConfig(connection),
  });
  // The query fails too when the connection breaks, but an unhandled error event would end the process.
  let broken = false;
  client.on('error', () => {
    broken = true;
  });
  const target = describeTarget(connection);
  try {
    await client.connect();
  } catch (error) {
    const { message, code } = withoutNames(error as Error & { code?: string }, connection);
    const next = error instanceof pg.DatabaseError ? '' : ' Is PostgreSQL running there?';
    throw new MigrationError(`No connection to ${target}: ${(message || code || '').replace(/\.$/, '')}.${next}`, {
      cause: error,
    });
  }
  try {
    // The role may have limits of its own; older versions do not know each of them.
    await client.query(
      `SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings
       WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout')`,
    );
    return await work(client);
  } catch (error) {
    if (error instanceof MigrationError || !(broken || error instanceof pg.DatabaseError)) throw error;
    throw new MigrationError(`Work on ${target} failed: ${(error as Error).message}.`, { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Takes the lock that Flyway uses for the history table, so that the two exclude each other. Polls instead of waiting in
 * PostgreSQL: the snapshot of a waiting statement would block the other run's CREATE INDEX CONCURRENTLY.
 */
async function lock(
  client: pg.Client,
  set: MigrationSet,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<void> {
  const key = lockKey(set);
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [key]);
    if (rows[0]?.locked) return;
    if (pause === 10) onProgress({ kind: 'waiting' });
    if (signal?.aborted) throw new MigrationError('Interrupted while another run held the lock. Nothing was changed.');
    await setTimeout(pause);
  }
}

/** "Flyway" in ASCII plus Java's hash code of the table's quoted name. */
function lockKey(set: MigrationSet): string {
  let hash = 0;
  for (const character of historyOf(set)) hash = (Math.imul(31, hash) + character.charCodeAt(0)) | 0;
  return (0x466c79776179n + BigInt(hash)).toString();
}

/** Cancels the session's running statement on abort; returns a function that removes the listener. */
async function cancelOnAbort(connection: Connection, client: pg.Client, signal?: AbortSignal): Promise<() => void> {
  if (!signal) return () => {};
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const cancel = () => {
    // The signal is also checked between statements, so a failed cancel only costs time.
    withSession(connection, (other) => other.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid])).catch(() => {});
  };
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}

function foreignHistoryMessage(files: Migration[], rows: HistoryRow[], set: MigrationSet): string {
  const found = rows.find(({ checksum }) => checksum !== null) ?? rows[0];
  return (
    `${set.schema}.${set.table} is not the history of set ${set.name}: it holds ${found?.script} (checksum ` +
    `${found?.checksum}) where ${files[0]?.script} (checksum ${files[0]?.checksum}) is expected. Another project keeps ` +
    `it, or the file was edited. Nothing was changed.${set.name === 'atp' ? ' Run the console set only.' : ''}`
  );
}

/** Creates the table like Flyway, and the schema if it is missing, with the row that Flyway writes for that. */
async function createHistory(client: pg.Client, set: MigrationSet): Promise<void> {
  const schema = pg.escapeIdentifier(set.schema);
  await inTransaction(client, async () => {
    const existing = await client.query('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [set.schema]);
    if (existing.rowCount === 0) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(
      `CREATE TABLE ${historyOf(set)} (
         installed_rank integer NOT NULL,
         version        varchar(50),
         description    varchar(200) NOT NULL,
         type           varchar(20) NOT NULL,
         script         varchar(1000) NOT NULL,
         checksum       integer,
         installed_by   varchar(100) NOT NULL,
         installed_on   timestamp NOT NULL DEFAULT now(),
         execution_time integer NOT NULL,
         success        boolean NOT NULL,
         CONSTRAINT ${pg.escapeIdentifier(`${set.table}_pk`)} PRIMARY KEY (installed_rank)
       );
       CREATE INDEX ${pg.escapeIdentifier(`${set.table}_s_idx`)} ON ${historyOf(set)} (success)`,
    );
    if (existing.rowCount === 0) {
      await client.query(
        `INSERT INTO ${historyOf(set)}
           (installed_rank, description, type, script, installed_by, execution_time, success)
         VALUES (0, '<< Flyway Schema Creation >>', 'SCHEMA', $1, current_user, 0, true)`,
        [schema],
      );
    }
  });
}

/** Runs one migration and writes its row; returns the milliseconds it took. */
async function apply(
  client: pg.Client,
  set: MigrationSet,
  migration: Migration,
  signal?: AbortSignal,
): Promise<number> {
  // Like Flyway, put the history's schema first; for each migration, because the previous one may have changed it.
  await client.query(
    `SELECT set_config('search_path', concat_ws(', ', $1::text, reset_val), false)
     FROM pg_settings WHERE name = 'search_path'`,
    [pg.escapeIdentifier(set.schema)],
  );
  const started = performance.now();
  const milliseconds = () => Math.round(performance.now() - started);
  const record = (success: boolean) =>
    client.query(
      `INSERT INTO ${historyOf(set)}
         (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
       SELECT coalesce(max(installed_rank), 0) + 1, $1, $2, 'SQL', $3, $4, current_user, $5, $6 FROM ${historyOf(set)}`,
      [migration.version, migration.description, migration.script, migration.checksum, milliseconds(), success],
    );
  try {
    if (migration.statements) {
      for (const statement of migration.statements) await client.query(statement);
      await record(true);
    } else {
      await inTransaction(client, async () => {
        await client.query(migration.sql);
        await record(true);
      });
    }
  } catch (error) {
    if (signal?.aborted) {
      throw new MigrationError(`Interrupted in ${migration.script}. Run migrate to continue: it repeats that one.`, {
        cause: error,
      });
    }
    if (await client.query('SELECT').catch(() => null)) {
      if (migration.statements) await record(false);
      throw new MigrationError(failure(migration, error), { cause: error });
    }
    throw new MigrationError(
      `The connection was lost in ${migration.script}: ${(error as Error).message}. Run migrate to continue: it repeats that one unless it was complete.`,
      { cause: error },
    );
  }
  return milliseconds();
}

function failure(migration: Migration, error: unknown): string {
  const { message, detail, hint, position } = error as pg.DatabaseError;
  const line =
    position === undefined || migration.statements
      ? ''
      : ` at line ${migration.sql.slice(0, Number(position)).split('\n').length}`;
  const next = migration.statements
    ? 'It ran outside of a transaction: check what it left, fix the cause, then run repair and migrate.'
    : 'It was rolled back: fix the cause and run migrate again.';
  return [`${migration.script} failed${line}: ${message}.`, detail, hint, next].filter(Boolean).join(' ');
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
