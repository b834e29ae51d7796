import { type Kysely, sql } from 'kysely';
import type { DB } from './schema.ts';

/**
 * The words of a column, named as `schema.table.column`: the values of its enum, or for a column of another type the
 * values that its rows hold.
 */
export async function columnWords(db: Kysely<DB>, name: string): Promise<string[]> {
  const [schema = '', table = '', column = ''] = name.split('.');
  const { rows: values } = await sql<{ word: string }>`
    select e.enumlabel::text as word
    from pg_attribute a join pg_enum e on e.enumtypid = a.atttypid
    where a.attrelid = to_regclass(format('%I.%I', ${schema}::text, ${table}::text)) and a.attname = ${column}
    order by e.enumsortorder
  `.execute(db);
  if (values.length > 0) return values.map(({ word }) => word);
  const { rows } = await sql<{ word: string }>`
    select distinct ${sql.ref(column)}::text as word from ${sql.table(`${schema}.${table}`)}
    where ${sql.ref(column)} is not null
  `.execute(db);
  return rows.map(({ word }) => word);
}
