import { MetadataError } from './metadata-error.ts';
import { countOf, getJson, membersOf, textOf } from './metadata-reply.ts';
import { isPosterPath } from './tmdb-images.ts';

// TMDB's REST API, version 3: the details of one film or show, found by its TMDB id or its IMDb id.
// https://developer.themoviedb.org/reference

export type TmdbSettings = {
  /** The address of the details, such as `https://api.themoviedb.org/3/movie`. */
  url: string;
  /** A key of version 3, or a read access token, which begins with `eyJ`. */
  key: string;
  /** The variables that have both. */
  names: { url: string; key: string };
  /** Titles whose poster is not known lack something. */
  posters?: boolean;
};

export type TmdbKind = 'movie' | 'tv';

/** What TMDB knows of a title, as the columns of `atp.training` have it; null: not known. */
export type TmdbFacts = {
  tmdb_id: number;
  media_title: string | null;
  original_media_title: string | null;
  release_year: number | null;
  budget: number | null;
  revenue: number | null;
  runtime: number | null;
  origin_country: string[] | null;
  production_companies: string[] | null;
  production_countries: string[] | null;
  production_status: string | null;
  original_language: string | null;
  spoken_languages: string[] | null;
  genre: string[] | null;
  tagline: string | null;
  overview: string | null;
  tmdb_rating: number | null;
  tmdb_votes: number | null;
};

/**
 * `missing`: why TMDB has no facts of it, as a sentence. `poster`: the path of its poster on the host of TMDB's pictures;
 * null: it has none.
 */
export type TmdbTitle = { facts: TmdbFacts; poster: string | null } | { missing: string };

const words = { movie: 'a film', tv: 'a show' } as const;

async function get({ url, key, names }: TmdbSettings, path: string, query: string, signal?: AbortSignal) {
  const address = new URL(`${url.replace(/\/+$/, '')}/${path}?${query}`);
  const isToken = key.startsWith('eyJ');
  if (!isToken) address.searchParams.set('api_key', key);
  const headers = isToken ? { authorization: `Bearer ${key}` } : undefined;
  const { status, body } = await getJson('TMDB', address, names, { ...(headers && { headers }), signal });
  if (status === 401 || status === 403) {
    throw new MetadataError('TMDB', 'refused', `TMDB refuses the key (${status}). Check ${names.key}.`);
  }
  return status === 404 ? undefined : membersOf(body);
}

const codesOf = (value: unknown): string[] | null => {
  const codes = (Array.isArray(value) ? value : []).filter(
    (one) => typeof one === 'string' && /^[A-Za-z]{2}$/.test(one),
  );
  return codes.length > 0 ? [...new Set(codes)] : null;
};

const namesOf = (value: unknown, most: number): string[] | null => {
  const names = (Array.isArray(value) ? value : []).map((one) => textOf(membersOf(one).name, most));
  const known = names.filter((name) => name !== null);
  return known.length > 0 ? [...new Set(known)] : null;
};

const members = (value: unknown, name: string) =>
  (Array.isArray(value) ? value : []).map((one) => membersOf(one)[name]);

function yearOf(date: unknown): number | null {
  const year = typeof date === 'string' ? Number(/^(\d{4})-/.exec(date)?.[1]) : Number.NaN;
  return year >= 1850 && year <= 2100 ? year : null;
}

function factsOf(details: Record<string, unknown>, tmdb_id: number): TmdbFacts {
  const { vote_average: rating } = details;
  const tmdb_votes = countOf(details.vote_count, 2 ** 31 - 1);
  const [episode] = Array.isArray(details.episode_run_time) ? details.episode_run_time : [];
  return {
    tmdb_id,
    media_title: textOf(details.title ?? details.name, 255),
    original_media_title: textOf(details.original_title ?? details.original_name, 255),
    release_year: yearOf(details.release_date ?? details.first_air_date),
    budget: countOf(details.budget),
    revenue: countOf(details.revenue),
    runtime: countOf(details.runtime ?? episode, 2 ** 31 - 1),
    origin_country: codesOf(details.origin_country),
    production_companies: namesOf(details.production_companies, 255),
    production_countries: codesOf(members(details.production_countries, 'iso_3166_1')),
    production_status: textOf(details.status, 25),
    original_language: codesOf([details.original_language])?.[0] ?? null,
    spoken_languages: codesOf(members(details.spoken_languages, 'iso_639_1')),
    genre: namesOf(details.genres, 20),
    tagline: textOf(details.tagline, 255),
    overview: textOf(details.overview, 20_000),
    // The average of no votes is 0.
    tmdb_rating:
      tmdb_votes !== null && typeof rating === 'number' && rating >= 0 && rating <= 10
        ? Math.round(rating * 1000) / 1000
        : null,
    tmdb_votes,
  };
}

const titleOf = (details: Record<string, unknown>, id: number): TmdbTitle => {
  const { poster_path: path } = details;
  return { facts: factsOf(details, id), poster: typeof path === 'string' && isPosterPath(path) ? path : null };
};

/**
 * What TMDB knows of a title. The recorded TMDB id counts only while TMDB says that it has the title's IMDb id; otherwise the
 * title is looked up by that. Throws MetadataError, and the reason of `signal` when that is aborted.
 */
export async function fetchTmdb(
  settings: TmdbSettings,
  kind: TmdbKind,
  title: { imdb_id: string; tmdb_id: number | null },
  signal?: AbortSignal,
): Promise<TmdbTitle> {
  const detailsOf = (id: number) => get(settings, String(id), 'append_to_response=external_ids', signal);
  if (title.tmdb_id !== null) {
    const details = await detailsOf(title.tmdb_id);
    const imdbId = details && (details.imdb_id ?? membersOf(details.external_ids).imdb_id);
    if (details && imdbId === title.imdb_id) {
      return titleOf(details, title.tmdb_id);
    }
  }
  const root = { ...settings, url: settings.url.replace(/\/+[^/]*\/*$/, '') };
  const found = (await get(root, `find/${title.imdb_id}`, 'external_source=imdb_id', signal)) ?? {};
  const firstOf = (one: string) => members(found[`${one}_results`], 'id').map((id) => countOf(id, 2 ** 31 - 1))[0];
  const id = firstOf(kind);
  if (!id) {
    const other = kind === 'movie' ? 'tv' : 'movie';
    if (firstOf(other)) return { missing: `TMDB has ${title.imdb_id} as ${words[other]}, not as ${words[kind]}.` };
    if (firstOf('tv_episode')) return { missing: `TMDB has ${title.imdb_id} as an episode, not as ${words[kind]}.` };
    return { missing: `TMDB does not know ${title.imdb_id}.` };
  }
  const details = await detailsOf(id);
  if (!details) return { missing: `TMDB has ${title.imdb_id} as number ${id}, of which it has no details.` };
  return titleOf(details, id);
}
