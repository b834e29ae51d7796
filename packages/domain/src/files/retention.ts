import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { alertDays } from '../moves/queries.ts';
import { decideAlone } from './writes.ts';

// Rows that only say what was, and go once they are as old as the configuration says.

/** Cleaned batches with a history. What they had and when stays in their rows, and their names stay taken. */
const cleaned = (days: number) => sql`
  select b.id from console.batch b
  where b.status = 'CLEANED' and b.cleaned_at < now() - make_interval(days => ${days}) and (
    exists (select from console.batch_change c where c.batch_id = b.id)
    or exists (select from console.sync_snapshot s where s.batch_id = b.id)
  )
`;

/** Deletes what happened to batches that were cleaned so many days ago; 0: nothing. Returns how many batches it were. */
export async function forgetCleaned(
  db: Kysely<DB>,
  { days, dry_run }: { days: number; dry_run: boolean },
): Promise<number> {
  if (days === 0) return 0;
  const { rows } = await (dry_run
    ? sql<{ batches: number }>`select count(*) as batches from (${cleaned(days)}) b`
    : sql<{ batches: number }>`
        with old as materialized (${cleaned(days)}),
          changes as (delete from console.batch_change where batch_id in (select id from old)),
          snapshots as (delete from console.sync_snapshot where batch_id in (select id from old))
        select count(*) as batches from old
      `
  ).execute(db);
  return rows[0]?.batches ?? 0;
}

/** Files that have been missing for so many days, and are not in the quarantine, in a batch that goes on, or an alert. */
const missing = (days: number) => sql`
  select f.id from console.file f
  where f.status = 'MISSING' and f.missing_at < now() - make_interval(days => ${days})
    and not exists (
      select from console.move m where m.file_id = f.id and (
        m.state = 'planned' or (m.state = 'done' and m.action = 'quarantine')
        or (m.state = 'missing' and m.ended_at > now() - make_interval(days => ${alertDays}))
      )
    )
    and not exists (select from console.batch b where b.id = f.batch_id and b.status <> 'CLEANED')
`;
const named = sql`select from console.file o where (o.group_id = f.id or o.duplicate_of = f.id)`;

/** Files of one transaction. */
const slice = 1_000;

/** Deletes the rows of files that have been missing for so many days; 0: none. Returns how many it were. */
export async function forgetMissing(
  {
    db,
    signal,
    checkpoint,
  }: { db: Kysely<DB>; signal: AbortSignal; checkpoint: <T>(work: (trx: Transaction<DB>) => Promise<T>) => Promise<T> },
  { days, dry_run }: { days: number; dry_run: boolean },
): Promise<number> {
  if (days === 0) return 0;
  if (dry_run) {
    const { rows } = await sql<{ files: number }>`
      with old as materialized (${missing(days)})
      select count(*) as files from old f where not exists (${named} and o.id not in (select id from old))
    `.execute(db);
    return rows[0]?.files ?? 0;
  }
  for (let sum = 0; ; ) {
    signal.throwIfAborted();
    // The file that names a group goes after the others.
    const count = await checkpoint(async (trx) => {
      await decideAlone(trx);
      const { numAffectedRows = 0n } = await sql`
        delete from console.file where id = any(array(${missing(days)} and not exists (${named}) limit ${slice}))
      `.execute(trx);
      return Number(numAffectedRows);
    });
    sum += count;
    if (count === 0) return sum;
  }
}
