import { sql } from 'kysely';

/** Where TMDB has the poster of a title `t`; null: nowhere, or it is not known. */
export const posterColumn = sql<string | null>`(select path from console.poster where imdb_id = t.imdb_id)`.as(
  'poster',
);
