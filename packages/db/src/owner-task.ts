import pg from 'pg';
import type { Query } from './connection.ts';

// The first start on a database that another project owns: its role creates nothing there.

/** Rights on tables that the platform owns. Requests need each of them. */
const platformRights: [privilege: string, relations: string[]][] = [
  ['SELECT', ['atp.training', 'atp.prediction', 'atp.media', 'public.flyway_schema_history']],
  ['UPDATE', ['atp.training', 'atp.media']],
];

type Facts = {
  role: string;
  database: string;
  atp_exists: boolean;
  /** null: schema console does not exist. */
  may_use_console: boolean | null;
  /** The schema is empty: migrations must create tables in it. */
  console_is_new: boolean;
  may_create_in_console: boolean;
  may_create_schemas: boolean;
  closed_schemas: string[];
  /** As `SELECT on atp.training`. */
  missing: string[];
};

/**
 * One sentence with the statements that the owner of the database must run, because this role may neither run them nor
 * work without them; null: there are none.
 */
export async function findOwnerTask(query: Query): Promise<string | null> {
  const needed = platformRights.flatMap(([privilege, relations]) =>
    relations.map((relation) => `(${pg.escapeLiteral(privilege)}, ${pg.escapeLiteral(relation)})`),
  );
  // By name and not by to_regclass, which fails in a schema that the role may not use.
  const { rows } = await query<Facts>(
    `WITH relation AS (
       SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     ), schema AS (SELECT oid, nspname AS name FROM pg_namespace WHERE nspname IN ('atp', 'console', 'public'))
     SELECT current_user AS role, current_database() AS database,
       EXISTS (SELECT FROM schema WHERE name = 'atp') AS atp_exists,
       (SELECT has_schema_privilege(oid, 'USAGE') FROM schema WHERE name = 'console') AS may_use_console,
       NOT EXISTS (SELECT FROM relation WHERE name = 'console.flyway_schema_history') AS console_is_new,
       coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM schema WHERE name = 'console'), false)
         AS may_create_in_console,
       has_database_privilege(current_database(), 'CREATE') AS may_create_schemas,
       ARRAY(
         SELECT name::text FROM schema WHERE name <> 'console' AND NOT has_schema_privilege(oid, 'USAGE') ORDER BY name
       ) AS closed_schemas,
       ARRAY(
         SELECT privilege || ' on ' || relation.name
         FROM (VALUES ${needed.join(', ')}) AS needed (privilege, name) JOIN relation USING (name)
         WHERE NOT has_table_privilege(relation.oid, privilege)
       ) AS missing`,
  );
  const facts = rows[0] as Facts;
  const statements = statementsFor(facts);
  if (statements.length === 0) return null;
  const lack = facts.may_use_console === null && facts.atp_exists ? 'may not create schema console' : 'lacks rights';
  return `Role ${facts.role} ${lack}. Have the owner of database ${facts.database} run: ${statements.join('; ')}.`;
}

function statementsFor(facts: Facts): string[] {
  const [role, database] = [facts.role, facts.database].map((name) => pg.escapeIdentifier(name));
  const statements: string[] = [];
  if (!facts.may_create_schemas) {
    if (!facts.atp_exists) statements.push(`GRANT CREATE ON DATABASE ${database} TO ${role}`);
    else if (facts.may_use_console === null) statements.push(`CREATE SCHEMA console AUTHORIZATION ${role}`);
  }
  const isClosed = facts.may_use_console === false || (facts.console_is_new && !facts.may_create_in_console);
  if (facts.may_use_console !== null && isClosed) {
    statements.push(`GRANT USAGE, CREATE ON SCHEMA console TO ${role}`);
  }
  if (facts.closed_schemas.length > 0) {
    statements.push(`GRANT USAGE ON SCHEMA ${facts.closed_schemas.join(', ')} TO ${role}`);
  }
  for (const [privilege, relations] of platformRights) {
    const lacking = relations.filter((relation) => facts.missing.includes(`${privilege} on ${relation}`));
    if (lacking.length > 0) statements.push(`GRANT ${privilege} ON ${lacking.join(', ')} TO ${role}`);
  }
  return statements;
}
