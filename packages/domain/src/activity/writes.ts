import type { FileAction } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { sql, type Transaction } from 'kysely';
import type { Actor } from '../actor.ts';

/** What an act concerns; the queue item of a run is found by its subject. `name`: of a file that is not in the queue. */
type Concerned = { item?: number; run?: string | undefined; count?: number; name?: string | undefined };

/**
 * Writes down that a person asked something of files or runs: an event that the list of activity shows. Where an item is removed,
 * call it before. A trigger (V25) writes the same of files that are found and of runs that end.
 */
export async function noteFileAct(
  trx: Transaction<DB>,
  actor: Actor,
  action: FileAction,
  { item, run, count, name }: Concerned,
): Promise<void> {
  await sql`
    insert into console.event (type, actor, imdb_ids, hashes, payload)
    select 'queue.changed', ${actor.name}, '{}', '{}', jsonb_strip_nulls(jsonb_build_object('action', ${action}::text,
      'verified', ${actor.verified}::boolean, 'item_id', i.id, 'name', coalesce(i.movie_code, base.name, ${name ?? null}::text),
      'file', coalesce(base.name, ${name ?? null}::text),
      'run_id', r.id, 'task', r.task, 'count', ${count ?? null}::integer))
    from (values (true)) as one
    left join console.run r on r.id = ${run ?? null}::uuid
    left join console.queue_item i
      on i.id = coalesce(${item ?? null}::bigint, case when r.subject_type = 'queue_item' then r.subject_id::bigint end)
    left join lateral (select regexp_replace(i.file_path, '^.*/', '') as name) base on true
  `.execute(trx);
}
