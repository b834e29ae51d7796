import type { MediaPlace, Removal } from '@at/adapters/file-trash';
import type { DB } from '@at/db/schema';
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
  /** `present`: the torrents that Transmission had when they were removed, for the undo, also of a `media_event`. */
  remove_torrent: {
    link: string | null;
    with_data: boolean;
    torrent?: string;
    present?: string[];
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

/** Ends an intent. Returns false if it was withdrawn. */
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

/** Ends an intent and keeps its row. */
export async function keepDone(db: Kysely<DB>, { intent_id }: Intent): Promise<void> {
  await sql`update console.intent set done_at = now() where intent_id = ${intent_id}`.execute(db);
}

/** Marks this process as alive until the connection ends. */
export async function lockOwner(session: Kysely<DB>, owner: number): Promise<void> {
  await sql`select pg_advisory_lock(${lockSpace.owner}, ${owner})`.execute(session);
}

export async function unlockOwner(session: Kysely<DB>, owner: number): Promise<void> {
  await sql`select pg_advisory_unlock(${lockSpace.owner}, ${owner})`.execute(session);
}

/** Takes over the open intents of processes that no longer live, and those whose time has come; oldest first. */
export async function takeOver(db: Kysely<DB>, owner: number, limit: number): Promise<Intent[]> {
  const { rows } = await sql<Intent>`
    with due as (
      select d.intent_id from console.intent d
      where d.done_at is null
        and (d.retry_at <= now() or not exists (
          select from pg_locks l
          where l.locktype = 'advisory' and l.granted and l.classid = ${lockSpace.owner} and l.objid = d.owner and l.objsubid = 2
            and l.database = (select oid from pg_database where datname = current_database())
        ))
        and not exists (
          select from console.operation o
          where o.operation_id = d.operation_id and o.state in ('running', 'cancelling')
        )
      order by d.intent_id limit ${limit}
      for update of d skip locked
    ), taken as (
      update console.intent i set owner = ${owner}, retry_at = now() + interval '1 minute'
      from due where i.intent_id = due.intent_id
      returning ${columns}
    )
    select * from taken order by intent_id
  `.execute(db);
  return rows;
}

/** Excludes the purge until the transaction ends. */
export async function holdPurge(trx: Kysely<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${lockSpace.purge}, 0)`.execute(trx);
}

/** Excludes undos until the transaction ends. */
export async function holdUndos(trx: Kysely<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockSpace.purge}, 0)`.execute(trx);
}
