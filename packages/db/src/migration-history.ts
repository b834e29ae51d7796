import { type Kysely, sql } from 'kysely';
import type { DB } from './schema.ts';
import { hasCalendarTime } from './timestamp.ts';

// History tables; the generated types omit them, because Flyway owns them.

/** The histories that this product compares with its files; `public` is the platform's, in whichever schema it is. */
export type History = 'public' | 'console' | 'console extras';

const tableName = 'flyway_schema_history';
const columns = [
  'installed_rank',
  'version',
  'description',
  'type',
  'script',
  'checksum',
  'installed_by',
  'installed_on',
  'execution_time',
  'success',
];

/** SQL: whether a relation is a history; another program may have a table of the same name. */
const isHistory = (relation: string) =>
  sql<boolean>`((
    select count(*) from pg_catalog.pg_attribute
    where attrelid = ${sql.raw(relation)} and not attisdropped and attname = any(${columns}::text[])
  ) = ${columns.length})`;

/** A row of Flyway's history table. */
export type MigrationRow = {
  installed_rank: number;
  version: string | null;
  description: string;
  type: string;
  script: string;
  checksum: number | null;
  installed_by: string;
  /** null: it has no date in the calendar. */
  installed_on: string | null;
  execution_time: number;
  success: boolean;
};

/** The schema of the platform's history: public, else the first one with such a table that this user may read. */
async function findPlatformSchema(db: Kysely<DB>): Promise<string | undefined> {
  const { rows } = await sql<{ schema: string }>`
    select n.nspname as schema
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname = ${tableName} and c.relkind in ('r', 'p', 'v', 'm', 'f')
      -- The second is this product's own history.
      and n.nspname !~ '^pg_(temp|toast)' and n.nspname <> 'console' and ${isHistory('c.oid')}
    order by
      (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')) desc,
      n.nspname = 'public' desc, n.nspname = 'atp' desc, n.nspname
    limit 1
  `.execute(db);
  return rows[0]?.schema;
}

/** The rows of a history by rank, and where they are. */
export type FoundHistory = {
  /** The schema, or `console extras`. */
  schema: string;
  rows: MigrationRow[];
};

/**
 * The history of a schema, or `console extras`; undefined if there is no such table. Without a name, the platform's: it is
 * in public, or in whichever other schema has one.
 */
export async function findHistory(db: Kysely<DB>, name?: string): Promise<FoundHistory | undefined> {
  const found = name ?? (await findPlatformSchema(db));
  if (found === undefined) return undefined;
  const [schema, table] = found === 'console extras' ? ['console', 'flyway_extras_history'] : [found, tableName];
  const { rows: known } = await sql<{ known: boolean }>`
    select ${isHistory('to_regclass(named)')} as known
    from format('%I.%I', ${schema}::text, ${table}::text) as named
  `.execute(db);
  if (!known[0]?.known) return undefined;
  const { rows } = await sql<MigrationRow>`
    select installed_rank, version, description, type, script, checksum, installed_by,
      case when ${sql.raw(hasCalendarTime('installed_on'))} then installed_on end as installed_on, execution_time, success
    from ${sql.id(schema, table)}
    order by installed_rank
  `.execute(db);
  return { schema: found, rows };
}
