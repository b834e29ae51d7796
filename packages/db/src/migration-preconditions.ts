import pg from 'pg';
import type { MigrationSet } from './migrate.ts';
import { type HistoryRow, MigrationError } from './migration-files.ts';
import { findOwnerTask } from './owner-task.ts';

// Checks before a run: does the set fit the database, and does the role have the privileges?

type Preconditions = {
  role: string;
  database: string;
  atp_exists: boolean;
  console_history: boolean;
  /** null: the history's schema does not exist. */
  may_use_schema: boolean | null;
  may_create_schemas: boolean;
  schema_holds_objects: boolean;
  /** Tables of atp that the role does not own, each with its owner. */
  foreign_tables: { name: string; owner: string }[];
  may_create_in_atp: boolean;
};

export async function readPreconditions(client: pg.Client, set: MigrationSet): Promise<Preconditions> {
  const { rows } = await client.query<Preconditions>(
    `WITH history AS (SELECT (SELECT oid FROM pg_namespace WHERE nspname = $1) AS schema),
     atp AS (SELECT (SELECT oid FROM pg_namespace WHERE nspname = 'atp') AS schema),
     -- Objects of extensions do not count.
     of_extension AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
     SELECT current_user AS role, current_database() AS database,
       atp.schema IS NOT NULL AS atp_exists,
       EXISTS (
         SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'console' AND c.relname = 'flyway_schema_history'
       ) AS console_history,
       has_schema_privilege(history.schema, 'CREATE') AND has_schema_privilege(history.schema, 'USAGE') AS may_use_schema,
       has_database_privilege(current_database(), 'CREATE') AS may_create_schemas,
       EXISTS (
         SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relnamespace = history.schema AND relkind NOT IN ('i', 'I')
         UNION ALL
         SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = history.schema AND typcategory NOT IN ('A', 'C')
         UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = history.schema
         EXCEPT SELECT classid, objid FROM of_extension
       ) AS schema_holds_objects,
       (
         SELECT coalesce(json_agg(json_build_object('name', relname, 'owner', pg_get_userbyid(relowner))), '[]')
         FROM pg_class
         WHERE relnamespace = atp.schema AND relname IN ('media', 'training', 'prediction')
           AND NOT pg_has_role(relowner, 'USAGE')
       ) AS foreign_tables,
       coalesce(has_schema_privilege(atp.schema, 'CREATE'), false) AS may_create_in_atp
     FROM history, atp`,
    [set.schema],
  );
  return rows[0] as Preconditions;
}

/** Throws MigrationError if the set does not fit the database or the role lacks a privilege. */
export async function checkPreconditions(
  client: pg.Client,
  set: MigrationSet,
  rows: HistoryRow[] | null,
): Promise<void> {
  const found = await readPreconditions(client, set);
  const { role, database } = found;
  const quotedRole = pg.escapeIdentifier(role);
  const refuse = (message: string): never => {
    throw new MigrationError(`${message} Nothing was changed.`);
  };
  const firstRun = !rows?.some(({ type }) => type === 'SQL');

  if (set.name === 'atp' && firstRun && found.atp_exists) {
    refuse(
      `Schema atp exists in database ${database}, but this set did not create it: the set is for a fresh database. Run the console set only.`,
    );
  }
  if (set.name === 'atp' && firstRun && !found.may_create_schemas) {
    refuse(
      `Role ${role} may not create schema atp. Have the owner of database ${database} run: GRANT CREATE ON DATABASE ${pg.escapeIdentifier(database)} TO ${quotedRole}.`,
    );
  }
  if (set.name === 'atp-extras') {
    if (!found.console_history) {
      refuse('This set keeps its history in schema console. Run the console set first.');
    }
    if (!found.atp_exists) refuse(`Database ${database} has no schema atp to extend. Is it the right database?`);
    const [table] = found.foreign_tables;
    if (table) {
      refuse(
        `Role ${role} may not create indexes on atp.${table.name}, which belongs to role ${table.owner}. Run this set as ${table.owner}; the product works without it, but slower.`,
      );
    }
    if (!found.may_create_in_atp) {
      refuse(
        `Role ${role} may not create indexes in schema atp. Have its owner run: GRANT CREATE ON SCHEMA atp TO ${quotedRole}.`,
      );
    }
  } else if (rows === null && found.schema_holds_objects) {
    refuse(
      `Schema ${set.schema} in database ${database} holds objects, but no history of this set: another project created them. Use a database where it is empty.`,
    );
  }
  if (found.may_use_schema === null && !found.may_create_schemas) {
    refuse((await findOwnerTask((text) => client.query(text))) as string);
  }
  if (found.may_use_schema === false) {
    refuse(
      `Role ${role} may not create tables in schema ${set.schema}. Have its owner run: GRANT USAGE, CREATE ON SCHEMA ${set.schema} TO ${quotedRole}.`,
    );
  }
}
