import type { MetadataError } from '@at/adapters/metadata-error';
import type { MetadataSources } from '@at/adapters/metadata-sources';
import { fetchOmdb, type OmdbFacts, type OmdbTitle } from '@at/adapters/omdb';
import { fetchTmdb, type TmdbFacts, type TmdbKind, type TmdbTitle } from '@at/adapters/tmdb';
import type { MediaType } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

// Refreshes the facts of a title from TMDB and its ratings from OMDb.

type Facts = TmdbFacts & OmdbFacts;
/** The poster is kept in a table of its own. */
type Kept = Facts & { poster: string | null };

export type MetadataChange = {
  [Column in keyof Kept]: { column: Column; from: Kept[Column]; to: Kept[Column] };
}[keyof Kept];

export type Refreshed = {
  changes: MetadataChange[];
  /** Why a source has no facts of the title, or why one of them was not taken; as sentences. */
  notes: string[];
  /** Why a source was not read; what the other one knows is written all the same. */
  failures: MetadataError[];
};

const columns = [
  'tmdb_id',
  'media_title',
  'original_media_title',
  'release_year',
  'budget',
  'revenue',
  'runtime',
  'origin_country',
  'production_companies',
  'production_countries',
  'production_status',
  'original_language',
  'spoken_languages',
  'genre',
  'tagline',
  'overview',
  'tmdb_rating',
  'tmdb_votes',
  'rt_score',
  'metascore',
  'imdb_rating',
  'imdb_votes',
] as const satisfies (keyof Facts)[];

/** Which half of the sources has it; undefined: only a person can tell. */
function kindOf(type: MediaType): TmdbKind | undefined {
  if (type === 'unknown') return undefined;
  return type === 'movie' ? 'movie' : 'tv';
}

/**
 * Writes what the sources know of a title and what differs; what they do not know stays. undefined: no such title. May be
 * repeated. Throws the reason of `signal`, and what the database throws.
 */
export async function refreshMetadata(
  db: Kysely<DB>,
  sources: MetadataSources,
  imdbId: string,
  signal: AbortSignal,
): Promise<Refreshed | undefined> {
  const title = await db
    .selectFrom('atp.training')
    .select(['media_type', 'tmdb_id'])
    .where('imdb_id', '=', imdbId)
    .executeTakeFirst();
  if (!title) return undefined;
  const refreshed: Refreshed = { changes: [], notes: [], failures: [] };
  const kind = kindOf(title.media_type);
  if (!kind) {
    refreshed.notes.push('The title is neither a film nor a show: its type is unknown.');
    return refreshed;
  }
  const { tmdb, omdb } = sources[kind];
  if (!tmdb && !omdb) {
    const prefix = kind === 'movie' ? 'AT_MOVIE' : 'AT_TV';
    refreshed.notes.push(`No source is configured for it. Set ${prefix}_DETAILS_API_KEY or ${prefix}_RATINGS_API_KEY.`);
    return refreshed;
  }
  const replies = await Promise.allSettled([
    tmdb && fetchTmdb(tmdb, kind, { imdb_id: imdbId, tmdb_id: title.tmdb_id }, signal),
    omdb && fetchOmdb(omdb, kind, imdbId, signal),
  ]);
  let known: Partial<Facts> = {};
  let poster: string | null | undefined;
  for (const reply of replies) {
    if (reply.status === 'rejected') {
      if (!isMetadataError(reply.reason)) throw reply.reason;
      refreshed.failures.push(reply.reason);
    } else if (reply.value) {
      const value: TmdbTitle | OmdbTitle = reply.value;
      if ('missing' in value) refreshed.notes.push(value.missing);
      else known = { ...known, ...value.facts };
      if ('poster' in value) poster = value.poster;
    }
  }
  await db.transaction().execute(async (trx) => {
    const before = await trx
      .selectFrom('atp.training')
      .select(columns)
      .where('imdb_id', '=', imdbId)
      .forUpdate()
      .executeTakeFirst();
    if (!before) return;
    const other = await ownerOf(trx, known.tmdb_id, imdbId);
    if (other) {
      refreshed.notes.push(`The TMDB id ${known.tmdb_id} was not taken: ${other} has it already.`);
      delete known.tmdb_id;
    }
    refreshed.changes = columns
      .map((column) => ({ column, from: before[column], to: known[column] ?? null }) as MetadataChange)
      .filter(({ from, to }) => to !== null && JSON.stringify(from) !== JSON.stringify(to));
    if (refreshed.changes.length > 0) {
      const values = Object.fromEntries(refreshed.changes.map(({ column, to }) => [column, to]));
      await trx.updateTable('atp.training').set(values).where('imdb_id', '=', imdbId).execute();
    }
    if (poster !== undefined) refreshed.changes.push(...(await keepPoster(trx, imdbId, poster)));
  });
  return refreshed;
}

/** Writes where the poster of a title is; what differs. */
async function keepPoster(trx: Kysely<DB>, imdb_id: string, path: string | null): Promise<MetadataChange[]> {
  // Without a path first: a change of it is an event, and a row that is added would be that of a title that is.
  await trx
    .insertInto('console.poster')
    .values({ imdb_id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { path: from } = await trx
    .selectFrom('console.poster')
    .select('path')
    .where('imdb_id', '=', imdb_id)
    .executeTakeFirstOrThrow();
  if (from === path) return [];
  await trx
    .updateTable('console.poster')
    .set({ path, updated_at: sql`now()` })
    .where('imdb_id', '=', imdb_id)
    .execute();
  return [{ column: 'poster', from, to: path }];
}

const isMetadataError = (error: unknown): error is MetadataError => (error as Error).name === 'MetadataError';

/** Another title with this TMDB id, which only one title can have. */
async function ownerOf(trx: Kysely<DB>, tmdbId: number | undefined, imdbId: string): Promise<string | undefined> {
  if (tmdbId === undefined) return undefined;
  const owner = await trx
    .selectFrom('atp.training')
    .select('imdb_id')
    .where('tmdb_id', '=', tmdbId)
    .where('imdb_id', '<>', imdbId)
    .executeTakeFirst();
  return owner?.imdb_id;
}

/** Titles that one refresh of all takes. */
const mostTitles = 10_000;

/** Titles that lack facts that a configured source may have, the newest first. */
export async function findTitlesWithoutFacts(db: Kysely<DB>, { movie, tv }: MetadataSources): Promise<string[]> {
  const isFilm = sql<boolean>`media_type = 'movie'`;
  const isShow = sql<boolean>`media_type in ('tv_show', 'tv_season', 'tv_episode_pack')`;
  const lacksFacts = sql<boolean>`(tmdb_id is null or genre is null or overview is null or tmdb_votes is null)`;
  const lacksRatings = sql<boolean>`(imdb_votes is null)`;
  const lacksPoster = sql<boolean>`not exists (select from console.poster as p where p.imdb_id = t.imdb_id)`;
  const conditions = [
    movie.tmdb?.posters && sql<boolean>`(${isFilm} and ${lacksPoster})`,
    tv.tmdb?.posters && sql<boolean>`(${isShow} and ${lacksPoster})`,
    movie.tmdb && sql<boolean>`(${isFilm} and ${lacksFacts})`,
    movie.omdb && sql<boolean>`(${isFilm} and ${lacksRatings})`,
    tv.tmdb && sql<boolean>`(${isShow} and ${lacksFacts})`,
    tv.omdb && sql<boolean>`(${isShow} and ${lacksRatings})`,
  ].filter((condition) => condition !== null && condition !== undefined && condition !== false);
  const { rows } = await sql<{ imdb_id: string }>`
    select imdb_id from atp.training as t where ${sql.join([sql`false`, ...conditions], sql` or `)}
    order by created_at desc, imdb_id limit ${mostTitles}
  `.execute(db);
  return rows.map(({ imdb_id }) => imdb_id);
}
