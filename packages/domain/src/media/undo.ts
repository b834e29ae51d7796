import type { Transmission } from '@at/adapters/transmission';
import type { MediaState } from '@at/contracts/media';
import type { MediaAction } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';
import { type Intent, insertIntent } from '../intents/queries.ts';
import { latestEvent } from '../latest-event.ts';
import type { Log } from '../log.ts';
import { addTorrents, removeTorrent } from './torrents.ts';
import { stateOf } from './writes.ts';

type UndoableEvent = {
  event_id: number;
  action: MediaAction;
  before: MediaState;
  /** Whether the item still is as the event left it. */
  unchanged: boolean;
  /** The torrent that it added to Transmission. */
  added: string | null;
  /** The links of the torrents that it removed. */
  links: string[];
  /** The item's own link. */
  original_link: string | null;
};

/** A media item, locked until the transaction ends, with its event that can be undone. */
export type LockedItem = { updated_at: string; latest: UndoableEvent | undefined };

/**
 * Locks an item and reads the event that can be undone; needs a transaction. Two statements, because the second must see
 * commits that happened while the first waited for the lock.
 */
export async function lockItem(trx: Kysely<DB>, hash: string): Promise<LockedItem | undefined> {
  const item = await trx
    .selectFrom('atp.media')
    .select('updated_at')
    .where('hash', '=', hash)
    .forUpdate()
    .executeTakeFirst();
  if (!item) return undefined;
  const { rows } = await sql<UndoableEvent>`
    select e.event_id, e.action, e.before, e.after = ${stateOf('m')} as unchanged, e.added, m.original_link, array(
        select unnest(r.links) from console.media_removal r where r.media_event_id = e.event_id
      ) as links
    from console.media_event e join atp.media m on m.hash = e.hash
    where e.event_id = ${latestEvent('item', sql`${hash}::bpchar`)}
  `.execute(trx);
  return { ...item, latest: rows[0] };
}

const dataStays = 'What the torrent has downloaded stays on the disk, because only an admin deletes it.';
const notFetched = 'The torrent and its data are not restored; approve the item to download it again.';

/** What an action did outside of the database. */
export type Effects = {
  added?: string | null | undefined;
  links?: string[] | undefined;
  /** The link of an item that becomes deleted again: its torrent goes with it. */
  deletes?: { link: string | null } | undefined;
  /** What a torrent has downloaded stays: who undoes may not delete it. */
  keepsData?: boolean | undefined;
};

/**
 * Writes the intents that revert what an action did to an item's torrent, in the transaction that undoes it. `problems`:
 * what stays lost.
 */
export async function planTorrents(
  trx: Kysely<DB>,
  action: MediaAction,
  { added, links = [], deletes, keepsData = false }: Effects,
  of: { hash: string; owner: number; operation?: string },
): Promise<{ intents: Intent[]; problems: string[] }> {
  const intents: Intent[] = [];
  const gone = links.length > 0;
  if (added) {
    const plan = { link: null, with_data: !keepsData, torrent: added };
    intents.push(await insertIntent(trx, 'remove_torrent', { ...of, plan }));
  }
  if (deletes)
    intents.push(await insertIntent(trx, 'remove_torrent', { ...of, plan: { ...deletes, with_data: true } }));
  if (gone && action === 'delete') return { intents, problems: [notFetched] };
  if (gone) intents.push(await insertIntent(trx, 'add_torrent', { ...of, plan: { links } }));
  return { intents, problems: added && keepsData ? [dataStays] : [] };
}

/** Does the intents of `planTorrents`; of what fails, another attempt follows. */
export async function revertTorrents(
  db: Kysely<DB>,
  transmission: Transmission,
  intents: Intent[],
  log: Log,
): Promise<{ torrent_removed: boolean; torrent_restored: boolean; problems: string[] }> {
  const result = { torrent_removed: false, torrent_restored: false, problems: [] as string[] };
  for (const intent of intents) {
    if (intent.action === 'remove_torrent') {
      const { removed, warning } = await removeTorrent(db, transmission, intent, log);
      result.torrent_removed ||= removed.length > 0;
      if (warning !== undefined) result.problems.push(`The torrent is still in Transmission. ${warning}`);
    }
    if (intent.action === 'add_torrent') {
      const { added, problem } = await addTorrents(db, transmission, intent, log);
      result.torrent_restored ||= added.length > 0;
      if (problem !== undefined) result.problems.push(problem);
    }
  }
  return result;
}
