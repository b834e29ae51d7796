import { type RawBuilder, sql } from 'kysely';

const events = {
  title: { table: sql`console.label_event`, key: sql`o.imdb_id` },
  item: { table: sql`console.media_event`, key: sql`o.hash` },
};

/** The latest event of a title or media item that is neither an undo nor undone: the one that can be undone. */
export function latestEvent(of: keyof typeof events, id: RawBuilder<unknown>) {
  const { table, key } = events[of];
  return sql<number | null>`(
      select o.event_id from ${table} o
      where ${key} = ${id} and o.action <> 'undo'
        and not exists (select from ${table} u where u.undoes = o.event_id)
      order by o.event_id desc limit 1
    )`;
}
