import type { DB } from '@at/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Actor } from '../actor.ts';
import { decideAlone } from '../files/writes.ts';
import { directoryBelow, topOf } from '../moves/queries.ts';
import { Refused } from '../refused.ts';
import { type BatchRow, hasFiles, isFree, type Manifest, treeOf } from './queries.ts';
import { BatchRefused, deviceCleanedRefusal, lockBatch, undoableStates } from './rules.ts';
import { type Chosen, sourceOf } from './selection.ts';

/** Where batches are made, at the top of their root. Scans and Syncthing ignore it. */
export const stagingName = '.at-staging';

/** One transaction at a time decides about a new batch. */
export const selectAlone = (trx: Transaction<DB>) =>
  sql`select pg_advisory_xact_lock(hashtextextended('console.batch', 0))`.execute(trx);

export type NewBatch = { name: string; run: string; root: number; settings: object; files: Chosen[] };

/**
 * Writes a batch, its files and its manifest. Returns undefined, and writes nothing, if one of the files is not UNIQUE any more. Call it
 * after `selectAlone`.
 */
export async function insertBatch(
  trx: Transaction<DB>,
  { name, run, root, settings, files }: NewBatch,
): Promise<number | undefined> {
  await decideAlone(trx);
  const ids = files.map(({ id }) => id);
  const { rows: free } = await sql<{ files: number }>`
    select count(*) as files from console.file f
    where id = any(${ids}::bigint[]) and status = 'UNIQUE' and not is_unverified
      and not exists (select from console.move m where m.file_id = f.id and m.state = 'planned')
  `.execute(trx);
  if (free[0]?.files !== files.length) return undefined;
  const staging = await directoryBelow(trx, await topOf(trx, root), Buffer.from(stagingName));
  const directory = await directoryBelow(trx, staging, Buffer.from(name));
  const created_at = new Date().toISOString();
  const manifest = {
    files: files.map(({ path, size, mtime_ns, sha256, ...file }) => ({
      path,
      source: sourceOf(file).toString(),
      size,
      mtime_ns,
      sha256,
    })),
  };
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const { rows } = await sql<{ id: number }>`
    insert into console.batch (name, file_count, size_bytes, manifest, settings, directory_id, made_by, created_at)
    values (${name}, ${files.length}, ${bytes}, ${JSON.stringify(manifest)}::jsonb, ${JSON.stringify(settings)}::jsonb,
      ${directory}, ${run}::uuid, ${created_at}::timestamptz)
    returning id
  `.execute(trx);
  const id = rows[0]?.id as number;
  await sql`
    update console.batch set manifest = jsonb_build_object('batch', name, 'id', id, 'created_at', ${created_at}::text) || manifest
    where id = ${id}
  `.execute(trx);
  await sql`
    insert into console.batch_file (batch_id, position, file_id, companions, source, path, size, mtime_ns, sha256)
    select ${id}, row_number() over (order by n) - 1, f.file, f.companions, f.source, f.path, f.size, f.mtime_ns, decode(f.sha256, 'hex')
    from unnest(
      ${ids}::bigint[], ${files.map(({ companions }) => companions)}::int[], ${files.map(sourceOf)}::bytea[],
      ${files.map(({ path }) => path)}::text[], ${files.map(({ size }) => size)}::bigint[],
      ${files.map(({ mtime_ns }) => mtime_ns)}::bigint[], ${files.map(({ sha256 }) => sha256)}::text[]
    ) with ordinality as f (file, companions, source, path, size, mtime_ns, sha256, n)
  `.execute(trx);
  return id;
}

/** Writes which files have arrived in the directory of a batch, and which stay behind because they have changed or are gone. */
export async function noteArrived(trx: Transaction<DB>, { id, directory_id, made_by }: BatchRow): Promise<void> {
  await sql`
    with recursive ${treeOf(directory_id)}
    update console.batch_file b set state = 'BATCHED', file_id = f.id, path = t.path || convert_from(f.name, 'UTF8'),
      size = f.size, mtime_ns = f.mtime_ns, sha256 = f.sha256
    from console.move m join console.file f on f.id = coalesce(m.copy_id, m.file_id) join tree t on t.id = f.directory_id
    where b.batch_id = ${id} and b.state = 'PLANNED' and m.file_id = b.file_id and m.run_id = ${made_by}::uuid
      and m.new_batch_id = ${id} and m.state = 'done' and f.status = 'BATCHED'
  `.execute(trx);
  await sql`
    update console.batch_file b set state = 'LEFT', error = case f.status
      when 'MISSING' then 'It is gone.' when 'DUPLICATE' then 'It is a duplicate now.' else 'It was changed.' end
    from console.file f where b.batch_id = ${id} and b.state = 'PLANNED' and f.id = b.file_id and f.status <> 'UNIQUE'
  `.execute(trx);
  await sql`
    update console.batch_file set state = 'LEFT', error = 'It is gone.' where batch_id = ${id} and state = 'PLANNED' and file_id is null
  `.execute(trx);
  await sql`
    update console.batch_file b set state = 'LEFT', error = 'A companion was changed or is gone.'
    where b.batch_id = ${id} and b.state = 'PLANNED' and exists (
      select from console.batch_file o where o.batch_id = ${id} and o.companions = b.companions and o.state = 'LEFT'
    )
  `.execute(trx);
}

/** Leaves files of a batch where they are, with their companions, each for a reason. */
export async function leaveBehind(
  trx: Transaction<DB>,
  batch: number,
  files: { file: number; reason: string }[],
): Promise<void> {
  await sql`
    with stays as (
      select b.companions, min(r.reason) as reason
      from unnest(${files.map(({ file }) => file)}::bigint[], ${files.map(({ reason }) => reason)}::text[]) as r (file, reason)
      join console.batch_file b on b.batch_id = ${batch} and b.file_id = r.file group by b.companions
    )
    update console.batch_file b set state = 'LEFT', error = s.reason from stays s
    where b.batch_id = ${batch} and b.companions = s.companions and b.state = 'PLANNED'
  `.execute(trx);
}

/** Writes what the manifest of a batch has, with its totals. */
export async function setManifest(
  trx: Transaction<DB>,
  { id, manifest }: Pick<BatchRow, 'id' | 'manifest'>,
  files: Manifest['files'],
): Promise<Manifest> {
  const written = { ...manifest, files };
  await sql`
    update console.batch set manifest = ${JSON.stringify(written)}::jsonb, file_count = ${files.length},
      size_bytes = ${files.reduce((sum, { size }) => sum + size, 0)}, updated_at = now()
    where id = ${id}
  `.execute(trx);
  return written;
}

/** Writes that the directory of a batch is among the batches, or in the staging directory. */
export async function placeDirectory(
  db: Kysely<DB>,
  { directory_id, root_id }: BatchRow,
  isStaged: boolean,
): Promise<void> {
  const top = await topOf(db, root_id);
  const parent = isStaged ? await directoryBelow(db, top, Buffer.from(stagingName)) : top;
  await sql`
    update console.file_directory set parent_id = ${parent} where id = ${directory_id} and parent_id <> ${parent}
  `.execute(db);
  await sql`update console.file_directory set digest = null where id = ${top} and digest is not null`.execute(db);
}

/** The files of a batch are in its place. */
export async function setReady(trx: Transaction<DB>, batch: BatchRow): Promise<void> {
  await placeDirectory(trx, batch, false);
  await sql`
    update console.batch set ready_at = now(), updated_at = now() where id = ${batch.id} and ready_at is null
  `.execute(trx);
}

/**
 * A batch has files that an undo did not bring back. What the device had of it is gone there with the folder that left: it gets the
 * files again before the batch is SYNCED again.
 */
export async function setStaying(trx: Transaction<DB>, batch: BatchRow, reason: string): Promise<void> {
  await decideAlone(trx);
  await sql`
    with again as materialized (
      select id from console.batch where id = ${batch.id} and ready_at is null and synced_at is not null
    ), unconfirmed as (
      update console.batch_file b set state = 'BATCHED', confirmed_at = null, error = null from again
      where b.batch_id = again.id and b.state in ('SYNCED', 'ERROR') returning b.file_id
    ), batched as (
      update console.file f set status = 'BATCHED', error = null from unconfirmed u
      where f.id = u.file_id and f.batch_id = ${batch.id} and f.status in ('SYNCED', 'ERROR')
    )
    update console.batch b set reason = ${reason} || case when again.id is null then '' else ' Sync it again.' end,
      status = case when again.id is null then b.status else 'ERROR' end,
      failed_in = case when again.id is null then b.failed_in else 'SYNCING' end,
      synced_at = case when again.id is null then b.synced_at end
    from console.batch own left join again on true where b.id = ${batch.id} and own.id = b.id and b.ready_at is null
  `.execute(trx);
  await setReady(trx, batch);
}

/** The run that has made a batch is about it, so that lists of runs name it. */
export async function nameRunAfter(trx: Transaction<DB>, run: string, { id }: BatchRow): Promise<void> {
  await sql`
    update console.run set subject_type = 'batch', subject_id = ${String(id)} where id = ${run}::uuid and subject_type = 'batches'
  `.execute(trx);
}

/** Begins to undo a batch. Throws BatchRefused if its state does not allow that, and BatchNotFound. */
export async function beginUndo(trx: Transaction<DB>, id: number, run: string): Promise<void> {
  const batch = await lockBatch(trx, id);
  if (!batch.is_ready || !undoableStates.includes(batch.status)) throw new BatchRefused(batch, 'be undone', []);
  await sql`
    update console.batch set ready_at = null, undone_by = ${run}::uuid, updated_at = now() where id = ${id}
  `.execute(trx);
}

/**
 * Takes a batch for a run that undoes it, so that no other one goes on with it. Returns false if it is ready or undone, or another
 * run works on it.
 */
export async function claimUndo(db: Kysely<DB>, id: number, run: string): Promise<boolean> {
  const { rows } = await sql`
    update console.batch b set undone_by = ${run}::uuid, updated_at = now()
    where b.id = ${id} and b.ready_at is null and b.status <> 'CLEANED'
      and (coalesce(b.undone_by, b.made_by) = ${run}::uuid or ${isFree})
    returning b.id
  `.execute(db);
  return rows.length > 0;
}

/**
 * Writes which files of a batch are back, once their moves are undone. Returns how many are still in it or have moved on, and how many
 * are gone.
 */
export async function noteReturned(
  trx: Transaction<DB>,
  batch: BatchRow,
  reason: string,
): Promise<{ left: number; gone: number }> {
  const { id, directory_id, made_by } = batch;
  // What a run has moved that ended before it wrote so.
  await noteArrived(trx, batch);
  // Nor does the removed copy of a file belong to it any more.
  await sql`
    with back as (
      update console.batch_file b set state = 'LEFT', error = ${reason}, file_id = m.file_id
      from console.move m
      where b.batch_id = ${id} and b.state <> 'LEFT' and m.run_id = ${made_by}::uuid and m.new_batch_id = ${id} and m.state = 'undone'
        and coalesce(m.copy_id, m.file_id) = b.file_id
      returning coalesce(m.copy_id, m.file_id) as id
    )
    update console.file f set batch_id = null from back where f.id = back.id and f.batch_id = ${id}
      and f.status not in ('BATCHED', 'SYNCED')
  `.execute(trx);
  await sql`
    update console.batch_file set state = 'LEFT', error = ${reason} where batch_id = ${id} and state = 'PLANNED'
  `.execute(trx);
  const { rows: gone } = await sql`
    update console.batch_file b set state = 'LEFT', error = 'It is gone.' from console.file f
    where b.batch_id = ${id} and b.state <> 'LEFT' and f.id = b.file_id and f.status = 'MISSING' returning b.position
  `.execute(trx);
  const { rows } = await sql<{ files: number }>`
    with recursive ${treeOf(directory_id)}
    select count(*) as files from console.file f
    where f.status <> 'MISSING' and (f.directory_id in (select id from tree) or f.batch_id = ${id})
  `.execute(trx);
  return { left: rows[0]?.files ?? 0, gone: gone.length };
}

/** The batch has no files any more. `left`: how many were not undone, because they are elsewhere. */
export async function setUndone(trx: Transaction<DB>, id: number, reason: string, left: number): Promise<void> {
  await sql`
    update console.batch set status = 'CLEANED', failed_in = null, reason = ${reason}, cleaned_at = now(),
      undone_at = case when ${left} = 0 then now() end,
      updated_at = now()
    where id = ${id} and status <> 'CLEANED'
  `.execute(trx);
}

/** Writes that a person says that the device was cleaned of a batch. Throws BatchNotFound, and Refused if that cannot be said now. */
export async function confirmDeviceCleaned(trx: Transaction<DB>, id: number, actor: Actor): Promise<void> {
  await lockBatch(trx, id);
  const { rows } = await sql<Parameters<typeof deviceCleanedRefusal>[0]>`
    select b.status, b.device_cleaned_at, ${hasFiles} as has_files
    from console.batch b join console.file_directory d on d.id = b.directory_id where b.id = ${id}
  `.execute(trx);
  const refusal = deviceCleanedRefusal(rows[0] as (typeof rows)[0]);
  if (refusal) throw new Refused(refusal);
  await sql`
    update console.batch set device_cleaned_at = now(), device_cleaned_by = ${actor.name}, updated_at = now() where id = ${id}
  `.execute(trx);
}
