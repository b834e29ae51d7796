import { type Kysely, sql } from 'kysely';
import type { DB } from './schema.ts';

/** History tables; the generated types omit them, because Flyway owns them. */
export const historyTables = {
  public: ['public', 'flyway_schema_history'],
  console: ['console', 'flyway_schema_history'],
  'console extras': ['console', 'flyway_extras_history'],
} as const;
export type History = keyof typeof historyTables;

/** A row of Flyway's history table. */
export type MigrationRow = {
  installed_rank: number;
  version: string | null;
  description: string;
  type: string;
  script: string;
  checksum: number | null;
  installed_by: string;
  installed_on: string;
  execution_time: number;
  success: boolean;
};

/** All rows by rank; undefined without a history table. */
export async function findHistory(db: Kysely<DB>, history: History): Promise<MigrationRow[] | undefined> {
  const [schema, table] = historyTables[history];
  const { rows: known } = await sql<{ known: boolean }>`
    select to_regclass(format('%I.%I', ${schema}::text, ${table}::text)) is not null as known
  `.execute(db);
  if (!known[0]?.known) return undefined;
  const { rows } = await sql<MigrationRow>`
    select installed_rank, version, description, type, script, checksum, installed_by, installed_on, execution_time, success
    from ${sql.table(`${schema}.${table}`)}
    order by installed_rank
  `.execute(db);
  return rows;
}
