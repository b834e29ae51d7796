import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OmdbSettings } from '../src/omdb.ts';
import type { TmdbKind, TmdbSettings } from '../src/tmdb.ts';

/** A server with the used part of TMDB's and OMDb's REST APIs, with their documented replies. */

type Details = Record<string, unknown> & { id: number };

export type FakeMetadata = {
  url: string;
  tmdb: Record<TmdbKind, TmdbSettings>;
  omdb: OmdbSettings;
  /** Paths with their queries, and the header Authorization. */
  requests: { url: string; authorization: string | undefined }[];
  /** Details by TMDB id. */
  details: Record<TmdbKind, Map<number, Details>>;
  /** What `/find` has beside the titles of `details`, by IMDb id. */
  found: Map<string, object>;
  /** Ratings by IMDb id. */
  ratings: Map<string, object>;
  /** Pictures by the path below `/t/p/`, which begins with the width. */
  pictures: Map<string, Buffer>;
  /** Answers in place of the above, if it is set. */
  answer: ((request: IncomingMessage, reply: ServerResponse) => void) | undefined;
  /** Answers as if `answer` were not set. */
  handle: (request: IncomingMessage, reply: ServerResponse) => unknown;
  close: () => Promise<void>;
};

export const tmdbKey = 'hidden-key-of-tmdb';
export const omdbKey = 'hidden-key-of-omdb';

/** The details of a film as TMDB returns them; `imdb_id` is that of the film. */
export const film = (id: number, imdb_id: string, values: object = {}): Details => ({
  adult: false,
  backdrop_path: null,
  belongs_to_collection: null,
  budget: 63000000,
  genres: [
    { id: 28, name: 'Action' },
    { id: 878, name: 'Science Fiction' },
  ],
  homepage: '',
  id,
  imdb_id,
  origin_country: ['US'],
  original_language: 'en',
  original_title: 'The Lantern Keepers',
  overview: 'Two keepers of a lighthouse find that the lamp answers.',
  popularity: 12.4,
  poster_path: '/aBcD_ef-123.jpg',
  production_companies: [
    { id: 1, logo_path: null, name: 'North Light', origin_country: 'US' },
    { id: 2, logo_path: null, name: 'Skerry Films', origin_country: 'GB' },
  ],
  production_countries: [
    { iso_3166_1: 'US', name: 'United States of America' },
    { iso_3166_1: 'GB', name: 'United Kingdom' },
  ],
  release_date: '1999-03-30',
  revenue: 463517383,
  runtime: 136,
  spoken_languages: [{ english_name: 'English', iso_639_1: 'en', name: 'English' }],
  status: 'Released',
  tagline: 'Keep it burning.',
  title: 'The Lantern Keepers',
  video: false,
  vote_average: 8.213,
  vote_count: 24512,
  external_ids: { imdb_id, wikidata_id: null },
  ...values,
});

/** The details of a show. */
export const show = (id: number, imdb_id: string, values: object = {}): Details => ({
  id,
  episode_run_time: [47],
  first_air_date: '2008-01-20',
  genres: [{ id: 10765, name: 'Sci-Fi & Fantasy' }],
  name: 'Tide Tables',
  number_of_seasons: 3,
  origin_country: ['GB'],
  original_language: 'en',
  original_name: 'Tide Tables',
  overview: 'A harbour town, hour by hour.',
  poster_path: null,
  production_companies: [],
  production_countries: [],
  spoken_languages: [],
  status: 'Ended',
  tagline: '',
  vote_average: 7.5,
  vote_count: 310,
  external_ids: { imdb_id, tvdb_id: 81189 },
  ...values,
});

/** The ratings of a film as OMDb returns them. */
export const rated = (imdbID: string, values: object = {}): object => ({
  Title: 'The Lantern Keepers',
  Year: '1999',
  Runtime: '136 min',
  Ratings: [
    { Source: 'Internet Movie Database', Value: '8.7/10' },
    { Source: 'Rotten Tomatoes', Value: '83%' },
    { Source: 'Metacritic', Value: '73/100' },
  ],
  Metascore: '73',
  imdbRating: '8.7',
  imdbVotes: '2,101,456',
  imdbID,
  Type: 'movie',
  Response: 'True',
  ...values,
});

const withIds = (details: Map<number, Details>, imdbId: string) =>
  [...details.values()].filter(
    ({ external_ids }) => (external_ids as { imdb_id?: string } | undefined)?.imdb_id === imdbId,
  );

export async function startMetadata(): Promise<FakeMetadata> {
  const handle = (request: IncomingMessage, reply: ServerResponse): unknown => {
    const { url = '', headers } = request;
    const send = (status: number, body: object) =>
      void reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { pathname, searchParams } = new URL(url, fake.url);
    if (pathname === '/') {
      if (searchParams.get('apikey') !== omdbKey) return send(401, { Response: 'False', Error: 'Invalid API key!' });
      const imdbId = searchParams.get('i') ?? '';
      return send(200, fake.ratings.get(imdbId) ?? { Response: 'False', Error: 'Error getting data.' });
    }
    if (pathname.startsWith('/t/p/')) {
      const picture = fake.pictures.get(pathname.slice('/t/p/'.length));
      // The host of pictures needs no key, and answers with a page where it has none.
      if (!picture) return void reply.writeHead(404, { 'content-type': 'text/html' }).end('<h1>File not Found</h1>');
      return void reply.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture);
    }
    if (searchParams.get('api_key') !== tmdbKey && headers.authorization !== `Bearer eyJ${tmdbKey}`) {
      return send(401, {
        status_code: 7,
        status_message: 'Invalid API key: You must be granted a valid key.',
        success: false,
      });
    }
    const [, kind = '', id = ''] = /^\/3\/(movie|tv|find)\/(\w+)$/.exec(pathname) ?? [];
    if (kind === 'find' && searchParams.get('external_source') === 'imdb_id') {
      return send(200, {
        movie_results: withIds(fake.details.movie, id),
        person_results: [],
        tv_results: withIds(fake.details.tv, id),
        tv_episode_results: [],
        tv_season_results: [],
        ...fake.found.get(id),
      });
    }
    const details = kind in fake.details ? fake.details[kind as TmdbKind].get(Number(id)) : undefined;
    if (details) return send(200, details);
    return send(404, {
      success: false,
      status_code: 34,
      status_message: 'The resource you requested could not be found.',
    });
  };
  const server = createServer((request, reply) => {
    fake.requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
    (fake.answer ?? handle)(request, reply);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = (kind: TmdbKind): TmdbSettings => {
    const prefix = `AT_${kind.toUpperCase()}_DETAILS_API`;
    return { url: `${url}/3/${kind}`, key: tmdbKey, names: { url: `${prefix}_BASE_URL`, key: `${prefix}_KEY` } };
  };
  const fake: FakeMetadata = {
    url,
    tmdb: { movie: settings('movie'), tv: settings('tv') },
    omdb: {
      url: `${url}/`,
      key: omdbKey,
      names: { url: 'AT_MOVIE_RATINGS_API_BASE_URL', key: 'AT_MOVIE_RATINGS_API_KEY' },
    },
    requests: [],
    details: { movie: new Map(), tv: new Map() },
    found: new Map(),
    pictures: new Map(),
    ratings: new Map(),
    answer: undefined,
    handle,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}
