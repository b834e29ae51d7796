import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

/** The oldest batch that can be synced or sorted, but for those that a run has handled already. */
export async function findBatchFor(
  db: Kysely<DB>,
  step: 'sync' | 'sort',
  { hasDevice, handled }: { hasDevice: boolean; handled: readonly number[] },
): Promise<{ id: number; name: string } | undefined> {
  const ready =
    step === 'sync'
      ? sql`status in ('PENDING', 'SYNCING') or status = 'ERROR' and failed_in = 'SYNCING'`
      : sql`status in (${hasDevice ? 'SYNCED' : 'PENDING'}, 'SORTING') or status = 'ERROR' and failed_in = 'SORTING'`;
  const { rows } = await sql<{ id: number; name: string }>`
    select id, name from console.batch
    where ready_at is not null and (${ready}) and id <> all(${handled}::bigint[]) order by id limit 1
  `.execute(db);
  return rows[0];
}

/** How a run stands, with the message of the step that did not complete. */
export async function findState(
  db: Kysely<DB>,
  id: string,
): Promise<{ state: string; output: unknown; error: string | null; code: string | null } | undefined> {
  const { rows } = await sql<{ state: string; output: unknown; error: string | null; code: string | null }>`
    select rs.state, s.output, s.error ->> 'message' as error, s.error ->> 'code' as code
    from console.run_state rs join console.step s on s.run_id = rs.id where rs.id = ${id}::uuid
    order by s.position limit 1
  `.execute(db);
  return rows[0];
}
