import type { MediaPlace, Removal } from '@at/adapters/file-trash';
import type { DB } from '@at/db/schema';
import { mostRetries } from '@at/runs/states';
import { type Kysely, type RawBuilder, sql } from 'kysely';

// Intents: rows that say what must still happen on the disk and in Transmission. See infra/adr/0017-intents.md.

type Plans = {
  /**
   * `removals` is null until the files were looked up; `carried`: files of an undo that was not finished; `for_good`: they
   * may be deleted without a trash.
   */
  remove_files: { place: MediaPlace; removals: Removal[] | null; carried: Removal[]; for_good: boolean };
  /** `deleted`: paths that are gone for good. */
  restore_files: { files: Removal[]; deleted: string[] };
  /**
   * `present`: the torrents that Transmission had when they were removed, for the undo, also of a `media_event`; `carried`: links of
   * an undo that was not finished.
   */
  remove_torrent: {
    link: string | null;
    with_data: boolean;
    torrent?: string;
    present?: string[];
    carried?: string[];
    media_event?: number | null;
  };
  add_torrent: { links: string[] };
  /**
   * `present`: the torrents that Transmission had before. `torrent`: what it called the new one. `removing`: the approval
   * failed, and the torrent is being removed.
   */
  approve: { link: string; present: string[]; torrent?: string; removing?: true };
};
export type IntentAction = keyof Plans;

export type Intent<A extends IntentAction = IntentAction> = {
  [K in A]: {
    intent_id: number;
    action: K;
    imdb_id: string | null;
    hash: string;
    event_id: number | null;
    /** Minutes since it was written. */
    age: number;
    plan: Plans[K];
  };
}[A];

/** The columns of an intent; `alias` is the table's. */
const columns = sql.raw(`i.intent_id, i.action, i.imdb_id, i.hash, i.event_id, i.plan,
  (extract(epoch from now() - i.at) / 60)::float8 as age`);

/** Of advisory locks: the first number of a process's lock, and the lock between purge and undo. */
const lockSpace = { owner: 0x61740001, purge: 0x61740002 };

/** Writes an intent. `operation` does it, if there is one. */
export async function insertIntent<A extends IntentAction>(
  db: Kysely<DB>,
  action: A,
  {
    plan,
    owner,
    ...of
  }: {
    plan: Plans[A];
    owner: number;
    hash: string;
    imdb_id?: string | null;
    event_id?: number | null;
    operation?: string | undefined;
  },
): Promise<Intent<A>> {
  const { rows } = await sql<Intent<A>>`
    insert into console.intent as i (action, imdb_id, hash, event_id, operation_id, plan, owner)
    values (${action}, ${of.imdb_id ?? null}, ${of.hash}, ${of.event_id ?? null}, ${of.operation ?? null}::uuid,
      ${JSON.stringify(plan)}::jsonb, ${owner})
    returning ${columns}
  `.execute(db);
  return rows[0] as Intent<A>;
}

/** An open intent; undefined: it is done, or was withdrawn. `lock` waits for its lock and holds it until the end of the transaction. */
export async function findIntent<A extends IntentAction>(
  db: Kysely<DB>,
  { intent_id }: Intent<A>,
  { lock = false } = {},
): Promise<Intent<A> | undefined> {
  const { rows } = await sql<Intent<A>>`
    select ${columns} from console.intent i where i.intent_id = ${intent_id} and i.done_at is null
    ${lock ? sql`for update` : sql``}
  `.execute(db);
  return rows[0];
}

/** The open intents of an operation for a title or an item, in the order in which they are done. */
export async function findIntentsOf(db: Kysely<DB>, operation: string, key: string): Promise<Intent[]> {
  const { rows } = await sql<Intent>`
    select ${columns} from console.intent i
    where i.operation_id = ${operation}::uuid and i.done_at is null
      and (i.imdb_id = ${key} or (i.imdb_id is null and i.hash = ${key}))
    order by i.intent_id
  `.execute(db);
  return rows;
}

/** Returns false if the intent was withdrawn, or `condition` is false. */
export async function savePlan<A extends IntentAction>(
  db: Kysely<DB>,
  intent: Intent<A>,
  condition: RawBuilder<unknown> = sql`true`,
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update console.intent set plan = ${JSON.stringify(intent.plan)}::jsonb
    where intent_id = ${intent.intent_id} and done_at is null and ${condition}
  `.execute(db);
  return numAffectedRows > 0n;
}

export async function retryIn(db: Kysely<DB>, { intent_id }: Intent, seconds: number): Promise<void> {
  await sql`
    update console.intent set retry_at = now() + make_interval(secs => ${seconds}) where intent_id = ${intent_id}
  `.execute(db);
}

/** Ends an intent. Returns false if it was withdrawn, or `condition` is false. */
export async function closeIntent(
  db: Kysely<DB>,
  { intent_id }: Intent,
  condition: RawBuilder<unknown> = sql`true`,
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    delete from console.intent i where i.intent_id = ${intent_id} and i.done_at is null and ${condition}
  `.execute(db);
  return numAffectedRows > 0n;
}

/** Ends an intent and keeps its row. Returns false if it was withdrawn, or `condition` is false. */
export async function keepDone(
  db: Kysely<DB>,
  { intent_id }: Intent,
  condition: RawBuilder<unknown> = sql`true`,
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update console.intent set done_at = now() where intent_id = ${intent_id} and done_at is null and ${condition}
  `.execute(db);
  return numAffectedRows > 0n;
}

/** Marks this process as alive until the connection ends. */
export async function lockOwner(session: Kysely<DB>, owner: number): Promise<void> {
  await sql`select pg_advisory_lock(${lockSpace.owner}, ${owner})`.execute(session);
}

export async function unlockOwner(session: Kysely<DB>): Promise<void> {
  await sql`select pg_advisory_unlock_all()`.execute(session);
}

/** An open intent that no process is doing, and who wanted the change; null: nobody is recorded. */
export type DueIntent = {
  intent_id: number;
  action: IntentAction;
  hash: string;
  /** The lowest role that may order this for one item: to delete data of a torrent, or files without a trash, needs admin. */
  role: 'operator' | 'admin';
  actor: string | null;
  actor_verified: boolean;
};

/**
 * Locks open intents whose time for another attempt has come, or whose process no longer lives, oldest first; without those of a
 * bulk operation that goes on, or of a run, unless that has ended and can no longer be continued. At most so many have an unfinished
 * run at a time.
 */
export async function lockDue(trx: Kysely<DB>, actions: IntentAction[], limit: number): Promise<DueIntent[]> {
  const { rows } = await sql<DueIntent>`
    select d.intent_id, d.action, d.hash,
      case when (d.plan ->> 'with_data')::boolean or (d.plan ->> 'for_good')::boolean
        then 'admin' else 'operator' end as role,
      coalesce(l.actor, m.actor) as actor,
      coalesce(l.actor_verified, m.actor_verified, false) as actor_verified
    from console.intent d
    left join console.label_event l on l.event_id = d.event_id
    left join console.media_event m on m.event_id = (d.plan ->> 'media_event')::bigint
    left join console.run r on r.id = d.run_id
    where d.done_at is null and d.action = any(${actions}::text[])
      and (d.run_id is null or r.finished_at is not null and r.retries >= ${mostRetries})
      -- A process that has just started may not hold its lock yet.
      and (d.retry_at <= now() or d.at < now() - interval '2 seconds' and not exists (
        select from pg_locks p
        where p.locktype = 'advisory' and p.granted and p.classid = ${lockSpace.owner} and p.objid = d.owner and p.objsubid = 2
          and p.database = (select oid from pg_database where datname = current_database())
      ))
      and not exists (
        select from console.operation o
        where o.operation_id = d.operation_id and o.state in ('running', 'cancelling')
      )
    order by d.intent_id
    limit greatest(0, ${limit} - (
      select count(*) from console.intent t join console.run r on r.id = t.run_id where r.finished_at is null
    ))
    for update of d skip locked
  `.execute(trx);
  return rows;
}

/** Gives an intent to a run. */
export async function setRun(trx: Kysely<DB>, intent_id: number, run: string): Promise<void> {
  await sql`update console.intent set run_id = ${run} where intent_id = ${intent_id}`.execute(trx);
}

/**
 * How many intents have waited for more than a minute for a worker that does their task, by tasks; only of those that no running
 * worker does.
 */
export async function findStranded(
  db: Kysely<DB>,
  taskOf: Record<IntentAction, string>,
): Promise<{ task: string; count: number }[]> {
  const { rows } = await sql<{ task: string; count: number }>`
    select t.task, count(*)::int as count
    from console.intent i join jsonb_each_text(${JSON.stringify(taskOf)}::jsonb) as t(action, task) using (action)
    left join console.run r on r.id = i.run_id
    where i.done_at is null and r.finished_at is null and (i.run_id is not null or i.retry_at < now() - interval '1 minute')
      and not exists (
        select from console.operation o
        where o.operation_id = i.operation_id and o.state in ('running', 'cancelling')
      )
      and not exists (
        select from console.worker w
        where w.stopped_at is null and w.seen_at > now() - interval '30 seconds' and t.task = any(w.tasks)
      )
    group by t.task order by t.task
  `.execute(db);
  return rows;
}

/** Seconds until the next attempt at an open intent; undefined: it has ended. */
export async function findPause(db: Kysely<DB>, intent_id: number): Promise<number | undefined> {
  const { rows } = await sql<{ pause: number }>`
    select greatest(1, ceil(extract(epoch from retry_at - now())))::int as pause
    from console.intent where intent_id = ${intent_id} and done_at is null
  `.execute(db);
  return rows[0]?.pause;
}

/** Excludes the purge until the transaction ends. */
export async function holdPurge(trx: Kysely<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${lockSpace.purge}, 0)`.execute(trx);
}

/** Excludes undos until the transaction ends. */
export async function holdUndos(trx: Kysely<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockSpace.purge}, 0)`.execute(trx);
}
