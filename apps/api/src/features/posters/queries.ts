import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';

/** Where TMDB has the poster of a title; null or undefined: nowhere, or it is not known. */
export async function findPosterPath(db: Kysely<DB>, imdbId: string): Promise<string | null | undefined> {
  const found = await db.selectFrom('console.poster').select('path').where('imdb_id', '=', imdbId).executeTakeFirst();
  return found?.path;
}
