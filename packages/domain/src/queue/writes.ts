import type { FileIdentity } from '@at/adapters/file-identity';
import type { DB } from '@at/db/schema';
import { jsonText } from '@at/runs/queries';
import { type Kysely, sql, type Transaction } from 'kysely';
import { hasRested, type StoredMove } from './queries.ts';
import { isInTrash, keepRemoved } from './removals.ts';

/** Removes the row of an item; a file in the watch folder is left alone until it changes. */
export async function removeRow(trx: Transaction<DB>, id: number): Promise<void> {
  await keepRemoved(trx, id);
  await sql`
    with removed as (delete from console.queue_item where id = ${id} returning file_path, file, new_path)
    insert into console.queue_ignored (file_path, file) select file_path, file from removed where new_path is null
    on conflict (file_path) do update set file = excluded.file, created_at = now()
  `.execute(trx);
}

/** Of an item that begins from the start. */
const forgotten = sql`movie_code = null, code_given_by = null, actress = null, subtitle = null, metadata_json = null, new_path = null,
  emby_item_id = null, looks = 0, published_at = null, failed_run_id = null, failed_step = null, error_message = null,
  error_fingerprint = null, retry_count = 0, updated_at = now()`;

/** Gives a failed item the new name of its file, and makes it new again. Returns undefined if it is no longer as it was, or another has the path. */
export async function renameItem(
  trx: Transaction<DB>,
  id: number,
  path: string,
  file: FileIdentity,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    update console.queue_item set file_path = ${path}, file = ${jsonText(file)}::jsonb, ${forgotten}
    where id = ${id} and not is_active and move is null and new_path is null
      and not exists (select from console.queue_item o where o.file_path = ${path})
    returning id
  `.execute(trx);
  return rows[0]?.id;
}

/** Adds the item of a file, or makes the item of its path new again. Returns undefined if there is one that stays as it is. */
export async function insertItem(trx: Transaction<DB>, path: string, file: FileIdentity): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    insert into console.queue_item as i (file_path, file) values (${path}, ${jsonText(file)}::jsonb)
    on conflict (file_path) do update set file = excluded.file, created_at = now(), ${forgotten}
    where not i.is_active and i.move is null and not ${isInTrash('i')}
      and (i.new_path is not null or i.file - 'inode' <> excluded.file - 'inode')
    returning id
  `.execute(trx);
  const [added] = rows;
  if (added) await sql`delete from console.queue_ignored where file_path = ${path}`.execute(trx);
  return added?.id;
}

/** Forgets ignored files below a directory that are no longer there. */
export async function forgetIgnored(db: Kysely<DB>, directory: string, present: string[]): Promise<void> {
  // A list of all files is only sent where something is ignored.
  const { rows } = await sql`select from console.queue_ignored limit 1`.execute(db);
  if (rows.length === 0) return;
  await sql`
    delete from console.queue_ignored
    where starts_with(file_path, ${`${directory}/`}) and file_path <> all(${present})
  `.execute(db);
}

const fileKey = (id: number) => sql`hashtextextended('console.queue_item', ${id})`;

/** Takes the lock of the file of an item, which ends with the session; false: another session has it. */
export async function lockFile(session: Kysely<DB>, id: number): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${fileKey(id)}) as taken`.execute(session);
  return rows[0]?.taken ?? false;
}

/** Frees what `lockFile` has locked in the session. */
export async function unlockFile(session: Kysely<DB>, id: number): Promise<void> {
  await sql`select pg_advisory_unlock(${fileKey(id)})`.execute(session);
}

export async function setMove(trx: Transaction<DB>, id: number, move: StoredMove | null): Promise<void> {
  await sql`update console.queue_item set move = ${move && jsonText(move)}::jsonb where id = ${id}`.execute(trx);
}

/** Writes where the file of an item has arrived. What the media server knows of another path is forgotten. */
export async function setPlace(
  trx: Transaction<DB>,
  id: number,
  purpose: 'library' | 'unprocessed',
  path: string,
  file: FileIdentity | undefined,
): Promise<void> {
  if (purpose === 'unprocessed') {
    await sql`
      update console.queue_item
      set file_path = ${path}, file = coalesce(${file ? jsonText(file) : null}::jsonb, file), move = null, updated_at = now()
      where id = ${id}
    `.execute(trx);
    return;
  }
  // The mover has taken a free name: the file of another item that should have it is gone.
  await sql`
    update console.queue_item set new_path = null, published_at = null, emby_item_id = null, updated_at = now()
    where new_path = ${path} and id <> ${id}
  `.execute(trx);
  await sql`
    update console.queue_item
    set new_path = ${path}, move = null, looks = 0, updated_at = now(),
      emby_item_id = case when new_path = ${path} then emby_item_id end,
      published_at = case when new_path = ${path} then published_at end
    where id = ${id}
  `.execute(trx);
}

/** Sets the code; metadata of another code are forgotten. One that is given by hand ends the failure to read one. */
export async function setCode(
  trx: Transaction<DB>,
  id: number,
  code: string,
  { givenBy, subtitle }: { givenBy?: string; subtitle?: string },
): Promise<void> {
  const isOther = sql`movie_code is distinct from ${code}`;
  if (givenBy !== undefined) {
    await sql`
      update console.queue_item set failed_run_id = null, failed_step = null, error_message = null, error_fingerprint = null,
        retry_count = 0
      where id = ${id} and failed_step = 'extract'
    `.execute(trx);
  }
  await sql`
    update console.queue_item
    set movie_code = ${code}, code_given_by = coalesce(${givenBy ?? null}, code_given_by),
      subtitle = coalesce(${subtitle ?? null}, subtitle), updated_at = now(),
      metadata_json = case when ${isOther} then null else metadata_json end,
      actress = case when ${isOther} then null else actress end,
      published_at = case when ${isOther} then null else published_at end
    where id = ${id}
  `.execute(trx);
}

/** Forgets a code that was set by hand, and what was found by it. */
export async function clearCode(trx: Transaction<DB>, id: number): Promise<void> {
  await sql`
    update console.queue_item
    set movie_code = null, code_given_by = null, metadata_json = null, actress = null, published_at = null, updated_at = now()
    where id = ${id}
  `.execute(trx);
}

/** Writes metadata. The media server does not have others than before yet; `staysPublished`: it is not to have them now. */
export async function setMetadata(
  trx: Transaction<DB>,
  id: number,
  metadata: { actress: string[] },
  { staysPublished = false } = {},
): Promise<void> {
  const json = sql`${jsonText(metadata)}::jsonb`;
  await sql`
    update console.queue_item
    set metadata_json = ${json}, actress = ${metadata.actress[0] ?? null}, looks = 0,
      published_at = case when ${staysPublished} or metadata_json = ${json} then published_at end, updated_at = now()
    where id = ${id}
  `.execute(trx);
}

/** How often the media server was asked for the item since it was asked to scan. 0: it has to scan again. */
export async function setLooks(trx: Transaction<DB>, id: number, looks: number): Promise<void> {
  const isNew = looks === 0;
  await sql`
    update console.queue_item set looks = ${looks}, updated_at = case when ${isNew} then now() else updated_at end
    where id = ${id}
  `.execute(trx);
}

export async function setPublished(trx: Transaction<DB>, id: number, emby_item_id: string): Promise<void> {
  await sql`
    update console.queue_item
    set emby_item_id = ${emby_item_id}, published_at = now(), looks = 0, updated_at = now()
    where id = ${id} and new_path is not null
  `.execute(trx);
}

/** Keeps the row of an item until the transaction ends: nobody deletes it; `alone`: nobody changes it either. */
export async function lockItem(trx: Transaction<DB>, id: number, { alone = false } = {}): Promise<void> {
  const strength = alone ? sql`for update` : sql`for key share`;
  await sql`select from console.queue_item where id = ${id} ${strength}`.execute(trx);
}

/** Deletes the rows of the items that have rested for so many days, and returns how many; files stay. */
export async function deleteCompleted(trx: Transaction<DB>, days: number, atMost: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from console.queue_item where id = any(array(
      select id from console.queue_item where ${hasRested(days)} order by id limit ${atMost} for update skip locked
    ))
  `.execute(trx);
  return Number(numAffectedRows);
}

export async function deleteItem(trx: Transaction<DB>, id: number): Promise<void> {
  await sql`delete from console.queue_item where id = ${id}`.execute(trx);
}
