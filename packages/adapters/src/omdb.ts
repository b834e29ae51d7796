import { MetadataError } from './metadata-error.ts';
import { getJson, membersOf } from './metadata-reply.ts';
import type { TmdbKind } from './tmdb.ts';

// OMDb's REST API: the ratings of one title, by its IMDb id. https://www.omdbapi.com

export type OmdbSettings = {
  /** Such as `https://www.omdbapi.com/`. */
  url: string;
  key: string;
  /** The variables that have both. */
  names: { url: string; key: string };
};

/** What OMDb knows of a title, as the columns of `atp.training` have it; null: not known. */
export type OmdbFacts = {
  rt_score: number | null;
  metascore: number | null;
  /** 0 to 100: IMDb's rating times ten. */
  imdb_rating: number | null;
  imdb_votes: number | null;
};

/** `missing`: why OMDb has no facts of it, as a sentence. */
export type OmdbTitle = { facts: OmdbFacts } | { missing: string };

/** OMDb counts requests by day and has no header for it. Seconds. */
const pauseAtLimit = 60 * 60;

/** A number of a text such as `8.7`, `88%` or `2,100,000`, within limits; null: none, such as `N/A`. */
function numberOf(value: unknown, most: number): number | null {
  if (typeof value !== 'string' || !/^[\d,]+(\.\d+)?%?$/.test(value)) return null;
  const number = Number(value.replace(/[,%]/g, ''));
  return number <= most ? number : null;
}

/** What OMDb knows of a title. Throws MetadataError, and the reason of `signal` when that is aborted. */
export async function fetchOmdb(
  { url, key, names }: OmdbSettings,
  kind: TmdbKind,
  imdbId: string,
  signal?: AbortSignal,
): Promise<OmdbTitle> {
  const address = new URL(url);
  address.searchParams.set('i', imdbId);
  address.searchParams.set('apikey', key);
  const { status, body } = await getJson('OMDb', address, names, { signal });
  const { Response: response, Error: error, Type: type, ...reply } = membersOf(body);
  // OMDb reports a limit and an invalid key with the same status.
  if (typeof error === 'string' && /\blimit\b/i.test(error)) {
    const message = 'The key of OMDb has no requests left for today.';
    throw new MetadataError('OMDb', 'limited', message, { retryAfter: pauseAtLimit });
  }
  if (status === 401 || status === 403) {
    throw new MetadataError('OMDb', 'refused', `OMDb refuses the key (${status}). Check ${names.key}.`);
  }
  if (response === 'False' && typeof error === 'string') {
    if (/not found|incorrect imdb id|error getting data/i.test(error)) {
      return { missing: `OMDb does not know ${imdbId}.` };
    }
    throw new MetadataError('OMDb', 'unusable', 'OMDb refuses the request with an unknown reason.');
  }
  if (status !== 200 || response !== 'True') {
    throw new MetadataError('OMDb', 'unusable', `OMDb returned an unexpected reply (${status}). Check ${names.url}.`);
  }
  const expected = kind === 'movie' ? 'movie' : 'series';
  if (type !== expected) {
    const known = ['movie', 'series', 'episode', 'game'].find((one) => one === type) ?? 'something else';
    return { missing: `OMDb has ${imdbId} as ${known}, not as ${expected}.` };
  }
  const ratings = (Array.isArray(reply.Ratings) ? reply.Ratings : []).map(membersOf);
  const rating = numberOf(reply.imdbRating, 10);
  return {
    facts: {
      rt_score: numberOf(ratings.find(({ Source }) => Source === 'Rotten Tomatoes')?.Value, 100),
      metascore: numberOf(reply.Metascore, 100),
      imdb_rating: rating === null ? null : Math.round(rating * 100) / 10,
      imdb_votes: numberOf(reply.imdbVotes, 2 ** 31 - 1),
    },
  };
}
