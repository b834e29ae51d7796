import type { Event } from '@at/contracts/events';
import type { EventType, LiveMode, RunState } from '@at/contracts/vocabulary';
import { runPrepared } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

/** The rows of `console.event`: reading them in an order that holds, and writing them where no trigger does. */

/** A reader has seen everything up to this event, in the order of transactions. */
export type Position = { txid: bigint; seq: bigint };

export type PlacedEvent = { position: Position; event: Event };

/** Below 0: `left` comes before `right`. */
export function comparePositions(left: Position, right: Position): number {
  const difference = left.txid - right.txid || left.seq - right.seq;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function positionText({ txid, seq }: Position): string {
  return `${txid}.${seq}`;
}

/** The position that an event's id names; undefined where it names none. */
export function positionFromText(text: string): Position | undefined {
  const [, txid, seq] = /^(\d{1,19})\.(\d{1,19})$/.exec(text) ?? [];
  if (txid === undefined || seq === undefined) return undefined;
  const position = { txid: BigInt(txid), seq: BigInt(seq) };
  return position.txid < 2n ** 63n && position.seq < 2n ** 63n ? position : undefined;
}

/**
 * Events of earlier transactions are complete: those of this database that still run come later. Transactions of other
 * databases of the server count only where the role may not see whose they are.
 */
const settledBefore = sql`(
  select coalesce(min(running), pg_snapshot_xmax(pg_current_snapshot()))
  from pg_snapshot_xip(pg_current_snapshot()) as running
  where not exists (
    select from pg_stat_activity
    where backend_xid = running::xid and datid <> (select oid from pg_database where datname = current_database())
  )
)`;

type StoredEvent = Omit<Event, 'id'> & { txid: string; seq: string };

/**
 * The first `limit` events behind `position`, up to `until`. Only what no running transaction can still come before:
 * numbers are given out in another order than they are committed in.
 */
export async function findEventsAfter(
  db: Kysely<DB>,
  position: Position,
  limit: number,
  until?: Position,
): Promise<PlacedEvent[]> {
  const end = until ? sql`and (e.txid, e.seq) <= (${until.txid}::text::xid8, ${until.seq})` : sql``;
  const rows = await runPrepared(
    db,
    sql<StoredEvent>`
    select e.txid::text as txid, e.seq::text as seq, e.type, e.payload ->> 'operation' as operation, e.imdb_ids, e.hashes,
      e.payload ->> 'run_id' as run_id, coalesce(l.actor, m.actor, r.requested_by, e.actor) as actor,
      coalesce(l.actor_verified, m.actor_verified, r.requested_by_verified, (e.payload ->> 'verified')::boolean, true) as actor_verified, e.at
    from console.event e
    left join lateral (
      select actor, actor_verified from console.label_event
      where txid = e.origin and e.type = 'title.changed' and imdb_id = any(e.imdb_ids)
      order by event_id limit 1
    ) l on true
    left join lateral (
      select actor, actor_verified from console.media_event
      where txid = e.origin and e.type = 'media.changed' and hash = any(e.hashes)
      order by event_id limit 1
    ) m on true
    left join console.run r on e.type = 'run.changed' and r.id = (e.payload ->> 'run_id')::uuid
    where (e.txid, e.seq) > (${position.txid}::text::xid8, ${position.seq}) ${end}
      and e.txid < ${settledBefore}
    order by e.txid, e.seq
    limit ${limit}
  `,
  );
  return rows.map(({ txid, seq, ...event }) => {
    const at = { txid: BigInt(txid), seq: BigInt(seq) };
    return { position: at, event: { id: positionText(at), ...event } };
  });
}

/** Whether there is an event that may not be sent yet, because an older transaction still runs. */
export async function hasHeldEvents(db: Kysely<DB>): Promise<boolean> {
  const rows = await runPrepared(
    db,
    sql<{ held: boolean }>`select exists (select from console.event where txid >= ${settledBefore}) as held`,
  );
  return rows[0]?.held ?? false;
}

/** `first`: the position to start from for new events only. */
export type Bounds = { first: Position; end: bigint; forgotten: bigint };

/**
 * Events after a position up to `forgotten` may be deleted, or are more than a client should read that was away for a week; no
 * transaction has reached `end` yet.
 */
export async function findBounds(db: Kysely<DB>): Promise<Bounds> {
  const { rows } = await sql<{ first: string; end: string; forgotten: string }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as first, pg_snapshot_xmax(pg_current_snapshot())::text as end,
      greatest(forgotten, (
        select txid from console.event
        where at < now() - interval '7 days' and txid < pg_snapshot_xmax(pg_current_snapshot()) order by at desc limit 1
      ))::text as forgotten
    from console.event_state
  `.execute(db);
  const { first = '0', end = '0', forgotten = '0' } = rows[0] ?? {};
  return { first: { txid: BigInt(first), seq: 0n }, end: BigInt(end), forgotten: BigInt(forgotten) };
}

/** The triggers for changes that are missing or disabled, as `UPDATE on atp.training`. */
export async function findMissingTriggers(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ missing: string }>`
    select operation || ' on atp.' || relation as missing
    from unnest(array['training', 'prediction', 'media']) as relation,
      (values ('INSERT', 4), ('DELETE', 8), ('UPDATE', 16), ('TRUNCATE', 32)) as operations(operation, bit)
    where not exists (
      select from pg_trigger t
      join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_proc p on p.oid = t.tgfoid join pg_namespace pn on pn.oid = p.pronamespace
      where n.nspname = 'atp' and c.relname = relation and pn.nspname = 'console' and p.proname = 'note_change'
        and t.tgenabled in ('O', 'A') and t.tgtype & bit <> 0
    )
    order by missing
  `.execute(db);
  return rows.map(({ missing }) => missing);
}

/** How this database reports changes; null: it cannot, because a migration or a right is missing. */
export async function findLiveMode(db: Kysely<DB>): Promise<LiveMode | null> {
  const { rows } = await sql<{ usable: boolean }>`
    select exists (
      select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'console' and c.relname = 'event'
        and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
    ) as usable
  `.execute(db);
  if (!rows[0]?.usable) return null;
  return (await findMissingTriggers(db)).length === 0 ? 'trigger' : 'polling';
}

/** The database's state as a text that stays the same for as long as nothing is written. */
export async function findSnapshot(db: Kysely<DB>): Promise<string> {
  const { rows } = await sql<{ snapshot: string }>`select pg_current_snapshot()::text as snapshot`.execute(db);
  return rows[0]?.snapshot ?? '';
}

/** More rows than this are "many": an event then names none. */
const most = 100;

const polledTables: { type: EventType; table: string; hash: string }[] = [
  { type: 'title.changed', table: 'atp.training', hash: 'null' },
  { type: 'prediction.changed', table: 'atp.prediction', hash: 'null' },
  { type: 'media.changed', table: 'atp.media', hash: 'hash' },
];

/**
 * Writes events for the rows that changed since the last poll (of any process) that found some: those whose writer that
 * poll could not see. So no clock is trusted, and no row is reported twice or missed. One statement, so that of two
 * processes that poll at once the second sees that the first was there. Returns how many events it wrote.
 */
export async function pollChanges(db: Kysely<DB>): Promise<number> {
  const tables = polledTables.map(
    ({ type, table, hash }) => sql`
      select ${sql.lit(type)} as type, imdb_id::text as imdb_id, ${sql.raw(hash)}::text as hash, writer
      from ${sql.table(table)} as t, seen,
        -- xmin has lost its upper half: of what is visible, the writer is the latest number that fits.
        lateral (select head - ((head - t.xmin::text::bigint) & 4294967295) as number) as full_number,
        lateral (select number::text::xid8 as writer) as named
      where is_foreign or (number >= tail and not pg_visible_in_snapshot(writer, polled))
    `,
  );
  const { rows } = await sql<{ written: number }>`
    with seen as materialized (
      select polled, head, pg_snapshot_xmin(polled)::text::bigint as tail,
        -- Out of a dump of another cluster, whose numbers mean nothing here.
        pg_snapshot_xmax(polled)::text::bigint > head as is_foreign
      from console.event_state, (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as head) as now
    ), changed as materialized (
      ${sql.join(tables, sql` union all `)}
    ), counted as (
      select type, count(*) > ${most} as many from changed group by type
    ), moved as (
      update console.event_state s set polled = pg_current_snapshot() from seen
      where s.polled::text = seen.polled::text and exists (select from changed)
      returning 1
    ), written as (
      insert into console.event (type, origin, imdb_ids, hashes)
      select of_writer.* from moved, (
        select type, writer,
          coalesce(array_agg(distinct imdb_id order by imdb_id) filter (where imdb_id is not null), '{}'),
          coalesce(array_agg(hash order by hash) filter (where hash is not null), '{}')
        from changed join counted using (type)
        where not many
        group by type, writer
        union all
        select type, pg_current_xact_id(), null, case when type <> 'media.changed' then array[]::text[] end
        from counted where many
      ) as of_writer
      returning 1
    )
    select count(*)::integer as written from written
  `.execute(db);
  return rows[0]?.written ?? 0;
}

/** Notifies the other processes that there are new events. */
export async function announceEvents(db: Kysely<DB>): Promise<void> {
  await sql`select pg_notify('console_event', '')`.execute(db);
}

/** The state of a run, the error of its step that failed, and the output of its only step; undefined: there is no such run. */
export async function findRunState(
  db: Kysely<DB>,
  id: string,
): Promise<{ state: RunState; error: string | null; output: unknown } | undefined> {
  const { rows } = await sql<{ state: RunState; error: string | null; output: unknown }>`
    select rs.state, (
      select s.error ->> 'message' from console.step s
      where s.run_id = rs.id and s.error is not null and s.outcome is distinct from 'completed'
      order by s.position limit 1
    ) as error, (select s.output from console.step s where s.run_id = rs.id and s.ref is null) as output
    from console.run_state rs where rs.id = ${id}::uuid
  `.execute(db);
  return rows[0];
}
