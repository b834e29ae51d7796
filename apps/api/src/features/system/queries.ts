import { findSessionFault, type Query } from '@at/db/connection';
import { findOwnerTask } from '@at/db/owner-task';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

const queryOf =
  (db: Kysely<DB>): Query =>
  <Row>(text: string) =>
    sql.raw<Row>(text).execute(db);

/** What is wrong with the settings of the session; null: nothing. */
export const findSettingsFault = (db: Kysely<DB>) => findSessionFault(queryOf(db));

/** What the owner of the database must run; null: nothing. */
export const findStatementsOfOwner = (db: Kysely<DB>) => findOwnerTask(queryOf(db));

export type DatabaseFacts = { name: string; version: string };

/** Facts that any PostgreSQL server knows, with or without our schema. */
export async function findDatabaseFacts(db: Kysely<DB>): Promise<DatabaseFacts> {
  const { rows } = await sql<DatabaseFacts>`
    select current_database() as name, current_setting('server_version') as version
  `.execute(db);
  return rows[0] as DatabaseFacts;
}

/** Which of the relations named `schema.name` are not there (an invalid index counts as missing). */
export async function findMissingRelations(db: Kysely<DB>, names: string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select wanted.name
    from unnest(${names}::text[]) as wanted(name)
    left join pg_index i on i.indexrelid = to_regclass(wanted.name)
    where to_regclass(wanted.name) is null or i.indisvalid is false
    order by wanted.name
  `.execute(db);
  return rows.map(({ name }) => name);
}

/** The triggers that evaluations need and that are missing or not always on, as `UPDATE on atp.training`. */
export async function findMissingEvaluationTriggers(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ missing: string }>`
    select upper(operation) || ' on atp.' || relation as missing
    from unnest(array['training', 'prediction']) as relation, unnest(array['insert', 'update', 'delete']) as operation
    where not exists (
      select from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'atp' and c.relname = relation and t.tgenabled = 'A'
        and t.tgname = format('console_%s_evaluated_%s', relation, operation)
    )
    order by missing
  `.execute(db);
  return rows.map(({ missing }) => missing);
}

/** How many changes the triggers on schema atp could not write down; 0 where there is nothing yet that counts. */
export async function countLostEvents(db: Kysely<DB>): Promise<number> {
  const { rows: known } = await sql<{ known: boolean }>`
    select exists (
      select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'console' and p.proname = 'count_lost_events'
    ) as known
  `.execute(db);
  if (!known[0]?.known) return 0;
  const { rows } = await sql<{ lost: number }>`select console.count_lost_events() as lost`.execute(db);
  return rows[0]?.lost ?? 0;
}

/** Which of the two schemas this product needs are there and usable by this user. */
export async function findUsableSchemas(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select nspname as name from pg_namespace
    where nspname in ('atp', 'console') and has_schema_privilege(oid, 'usage')
  `.execute(db);
  return rows.map(({ name }) => name);
}

const rightsOfRequests = sql`('atp.training', 'SELECT'), ('atp.training', 'UPDATE'), ('atp.prediction', 'SELECT'),
  ('atp.media', 'SELECT'), ('atp.media', 'UPDATE'),
  ('console.label_event', 'SELECT'), ('console.label_event', 'INSERT'),
  ('console.media_deletion', 'SELECT'), ('console.media_deletion', 'INSERT'),
  ('console.media_removal', 'SELECT'), ('console.media_removal', 'INSERT'),
  ('console.media_event', 'SELECT'), ('console.media_event', 'INSERT'),
  ('console.intent', 'SELECT'), ('console.intent', 'INSERT'), ('console.intent', 'UPDATE'),
  ('console.intent', 'DELETE'), ('console.operation', 'SELECT'), ('console.operation', 'INSERT'), ('console.operation', 'UPDATE'),
  ('console.operation', 'DELETE'), ('console.operation_item', 'SELECT'), ('console.operation_item', 'INSERT'),
  ('console.operation_item', 'UPDATE'),
  ('console.write', 'SELECT'), ('console.write', 'INSERT'), ('console.write', 'UPDATE')`;

const rightsOfEvaluation = sql`('console.evaluation_change', 'SELECT'), ('console.evaluation_change', 'DELETE'),
  ('console.evaluation_total', 'SELECT'), ('console.evaluation_total', 'INSERT'), ('console.evaluation_total', 'UPDATE'),
  ('console.evaluation_total', 'DELETE'), ('console.evaluation_rank', 'SELECT'), ('console.evaluation_rank', 'INSERT'),
  ('console.evaluation_rank', 'UPDATE'), ('console.evaluation_rank', 'DELETE'), ('console.evaluation_state', 'SELECT'),
  ('console.evaluation_state', 'UPDATE'), ('console.evaluation_lost', 'SELECT')`;

/** The table privileges that requests, or the totals of the evaluation, need and this user lacks, as `UPDATE on atp.training`. */
export async function findMissingRights(db: Kysely<DB>, purpose: 'requests' | 'evaluation'): Promise<string[]> {
  const { rows } = await sql<{ lacking: string }>`
    select privilege || ' on ' || needed.relation as lacking
    from (values ${purpose === 'requests' ? rightsOfRequests : rightsOfEvaluation}) as needed(relation, privilege)
    -- Not by to_regclass, which fails in a schema that this user may not use.
    left join (
      select c.oid, n.nspname || '.' || c.relname as relation from pg_class c join pg_namespace n on n.oid = c.relnamespace
    ) as found using (relation)
    where found.oid is null or not has_table_privilege(found.oid, privilege)
  `.execute(db);
  return rows.map(({ lacking }) => lacking);
}
