import { demoImdbIds } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

/** Whether titles exist and the first and last id are in the range of the demo catalogue. */
export async function holdsDemo(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql<{ demo: boolean | null }>`
    select min(imdb_id) >= ${demoImdbIds.first} and max(imdb_id) <= ${demoImdbIds.last} as demo from atp.training
  `.execute(db);
  return rows[0]?.demo ?? false;
}
