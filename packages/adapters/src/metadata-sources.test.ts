import type { ServerResponse } from 'node:http';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeMetadata, film, omdbKey, rated, show, startMetadata, tmdbKey } from '../test/fake-metadata.ts';
import { closedPort } from '../test/transmission-daemon.ts';
import { MetadataError } from './metadata-error.ts';
import { fetchOmdb, type OmdbTitle } from './omdb.ts';
import { fetchTmdb, type TmdbTitle } from './tmdb.ts';

let fake: FakeMetadata;
beforeAll(async () => {
  fake = await startMetadata();
  return () => fake.close();
});
beforeEach(() => {
  fake.requests = [];
  fake.answer = undefined;
  fake.found.clear();
  fake.ratings.clear();
  fake.details.movie.clear();
  fake.details.tv.clear();
});

const id = 'tt0133093';
const byIds = (tmdb_id: number | null, kind: 'movie' | 'tv' = 'movie') =>
  fetchTmdb(fake.tmdb[kind], kind, { imdb_id: id, tmdb_id });
const byImdbId = (kind: 'movie' | 'tv' = 'movie') => byIds(null, kind);
const ratings = (kind: 'movie' | 'tv' = 'movie') => fetchOmdb(fake.omdb, kind, id);

async function refusal(operation: Promise<TmdbTitle | OmdbTitle>): Promise<MetadataError> {
  const error = await operation.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MetadataError);
  const { message, cause } = error as MetadataError;
  for (const secret of [tmdbKey, omdbKey]) expect(`${message} ${cause}`).not.toContain(secret);
  return error as MetadataError;
}

describe('TMDB', () => {
  test('has every fact of a film, by its TMDB id in one request', async () => {
    fake.details.movie.set(603, film(603, id));
    expect(await byIds(603)).toEqual({
      facts: {
        tmdb_id: 603,
        media_title: 'The Lantern Keepers',
        original_media_title: 'The Lantern Keepers',
        release_year: 1999,
        budget: 63_000_000,
        revenue: 463_517_383,
        runtime: 136,
        origin_country: ['US'],
        production_companies: ['North Light', 'Skerry Films'],
        production_countries: ['US', 'GB'],
        production_status: 'Released',
        original_language: 'en',
        spoken_languages: ['en'],
        genre: ['Action', 'Science Fiction'],
        tagline: 'Keep it burning.',
        overview: 'Two keepers of a lighthouse find that the lamp answers.',
        tmdb_rating: 8.213,
        tmdb_votes: 24_512,
      },
      poster: '/aBcD_ef-123.jpg',
    });
    expect(fake.requests).toHaveLength(1);
  });

  test('has a film by its IMDb id, and a show with its own names of the same facts', async () => {
    fake.details.movie.set(603, film(603, id));
    expect(await byImdbId()).toMatchObject({ facts: { tmdb_id: 603, runtime: 136 } });
    fake.details.movie.clear();
    fake.details.tv.set(7, show(7, id));
    expect(await byImdbId('tv')).toMatchObject({
      facts: {
        tmdb_id: 7,
        media_title: 'Tide Tables',
        release_year: 2008,
        runtime: 47,
        genre: ['Sci-Fi & Fantasy'],
        production_companies: null,
        tagline: null,
      },
    });
  });

  test.each([
    ['of another title', () => fake.details.movie.set(99, film(99, 'tt0000099'))],
    ['that TMDB no longer has', () => {}],
  ])('does not take facts by a recorded id %s', async (_name, given) => {
    given();
    fake.details.movie.set(603, film(603, id));
    expect(await byIds(99)).toMatchObject({ facts: { tmdb_id: 603 } });
  });

  test.each([
    ['movie', { tv_results: [{ id: 7 }] }, `TMDB has ${id} as a show, not as a film.`],
    ['tv', { movie_results: [{ id: 603 }] }, `TMDB has ${id} as a film, not as a show.`],
    ['tv', { tv_episode_results: [{ id: 9 }] }, `TMDB has ${id} as an episode, not as a show.`],
    ['movie', {}, `TMDB does not know ${id}.`],
    ['movie', { movie_results: [{ id: 603 }] }, `TMDB has ${id} as number 603, of which it has no details.`],
  ] as const)('of a %s, where it finds %j, says why it has no facts', async (kind, found, missing) => {
    fake.found.set(id, found);
    expect(await byImdbId(kind)).toEqual({ missing });
  });

  test('writes 0 and empty texts for what it does not know, which is null here', async () => {
    const nothing = { budget: 0, revenue: 0, runtime: 0, vote_average: 0, vote_count: 0, tagline: '', overview: ' ' };
    const lists = { genres: [], origin_country: [], spoken_languages: [], release_date: '' };
    fake.details.movie.set(603, film(603, id, { ...nothing, ...lists }));
    expect(await byIds(603)).toMatchObject({
      facts: {
        ...Object.fromEntries(['budget', 'revenue', 'runtime', 'tagline', 'overview'].map((name) => [name, null])),
        ...{ tmdb_rating: null, tmdb_votes: null, genre: null, origin_country: null, spoken_languages: null },
        release_year: null,
      },
    });
  });

  test('of values that no column takes, gives what the columns take', async () => {
    const values = {
      title: `\0${'é'.repeat(300)}\ud800`,
      overview: 42,
      budget: -1,
      revenue: 1.5,
      runtime: 2 ** 40,
      vote_average: 11,
      release_date: '0099-01-01',
      original_language: 'english',
      origin_country: ['US', 'United States', null, 'US'],
      genres: [{ name: 'Action' }, { name: 'A genre with a name that is too long' }, null, 'x', { name: '\0' }],
      spoken_languages: { iso_639_1: 'en' },
    };
    fake.details.movie.set(603, film(603, id, values));
    expect(await byIds(603)).toMatchObject({
      facts: {
        media_title: 'é'.repeat(255),
        overview: null,
        budget: null,
        revenue: null,
        runtime: null,
        tmdb_rating: null,
        release_year: null,
        original_language: null,
        origin_country: ['US'],
        genre: ['Action', 'A genre with a name'],
        spoken_languages: null,
      },
    });
  });

  test('gets a read access token as a header, and a key as a parameter', async () => {
    fake.details.movie.set(603, film(603, id));
    await fetchTmdb({ ...fake.tmdb.movie, key: `eyJ${tmdbKey}` }, 'movie', { imdb_id: id, tmdb_id: 603 });
    await byIds(603);
    expect(fake.requests).toEqual([
      { url: '/3/movie/603?append_to_response=external_ids', authorization: `Bearer eyJ${tmdbKey}` },
      { url: `/3/movie/603?append_to_response=external_ids&api_key=${tmdbKey}`, authorization: undefined },
    ]);
  });
});

describe('OMDb', () => {
  test('has the ratings of a film, that of IMDb times ten', async () => {
    fake.ratings.set(id, rated(id));
    expect(await ratings()).toEqual({
      facts: { rt_score: 83, metascore: 73, imdb_rating: 87, imdb_votes: 2_101_456 },
    });
  });

  test('writes N/A for what it does not know, which is null here, as is what no column takes', async () => {
    const ratingsOf = { Ratings: [{ Source: 'Rotten Tomatoes', Value: '830%' }, null, 'x'] };
    fake.ratings.set(id, rated(id, { ...ratingsOf, Metascore: 'N/A', imdbRating: '87', imdbVotes: 12 }));
    expect(await ratings()).toEqual({
      facts: { rt_score: null, metascore: null, imdb_rating: null, imdb_votes: null },
    });
  });

  test.each([
    ['movie', { Type: 'series' }, `OMDb has ${id} as series, not as movie.`],
    ['tv', { Type: 'movie' }, `OMDb has ${id} as movie, not as series.`],
    ['movie', { Type: '<b>' }, `OMDb has ${id} as something else, not as movie.`],
    ['movie', { Response: 'False', Error: 'Incorrect IMDb ID.' }, `OMDb does not know ${id}.`],
  ] as const)('of a %s, where it replies %j, says why it has no facts', async (kind, reply, missing) => {
    fake.ratings.set(id, rated(id, reply));
    expect(await ratings(kind)).toEqual({ missing });
  });

  test.each([401, 200])('that has no requests left today (%i) asks for an hour', async (status) => {
    fake.answer = (_request, reply) =>
      reply.writeHead(status).end(JSON.stringify({ Response: 'False', Error: 'Request limit reached!' }));
    expect(await refusal(ratings())).toMatchObject({ kind: 'limited', retryAfter: 3600 });
  });
});

/** What either does with a fault of the other side. */
const sources = {
  TMDB: { ask: () => byImdbId(), names: 'AT_MOVIE_DETAILS_API' },
  OMDb: { ask: () => ratings(), names: 'AT_MOVIE_RATINGS_API' },
} as const;

describe.each(Object.entries(sources))('%s', (source, { ask, names }) => {
  const reply = (status: number, body = '', headers: Record<string, string> = {}) => {
    fake.answer = (_request, answer) => void answer.writeHead(status, headers).end(body);
  };

  test('that refuses the key is reported with the variable of the key', async () => {
    for (const [status, body] of [
      [401, '{"success": false}'],
      [403, '<html>'],
    ] as const) {
      reply(status, body);
      const message = `${source} refuses the key (${status}). Check ${names}_KEY.`;
      expect(await refusal(ask())).toMatchObject({ kind: 'refused', message });
    }
  });

  test('that gets too many requests is asked again when it says', async () => {
    const inAnHour = () => new Date(Date.now() + 3_600_000).toUTCString();
    const pauses = [
      ['17', 17],
      [inAnHour(), expect.closeTo(3600, -1)],
      ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
      ['9999999999', 86_400],
      ['soon', undefined],
    ] as const;
    for (const [header, retryAfter] of pauses) {
      reply(429, '{}', { 'retry-after': header });
      expect(await refusal(ask())).toMatchObject({ kind: 'limited', retryAfter });
    }
    reply(429);
    expect(await refusal(ask())).toMatchObject({ kind: 'limited', retryAfter: undefined });
  });

  test('that has a fault, closes the connection or listens nowhere is unreachable', async () => {
    reply(503, '<html>', { 'retry-after': '5' });
    expect(await refusal(ask())).toMatchObject({ kind: 'unreachable', retryAfter: 5 });
    for (const cut of [
      (answer: ServerResponse) => answer.destroy(),
      (answer: ServerResponse) => {
        answer.writeHead(200, { 'content-length': '100' }).write('{');
        setImmediate(() => answer.destroy());
      },
    ]) {
      fake.answer = (_request, answer) => void cut(answer);
      expect(await refusal(ask())).toMatchObject({ kind: 'unreachable', message: `${source} is unreachable.` });
    }
    const url = `http://127.0.0.1:${closedPort}/`;
    const nowhere =
      source === 'TMDB'
        ? fetchTmdb({ ...fake.tmdb.movie, url }, 'movie', { imdb_id: id, tmdb_id: null })
        : fetchOmdb({ ...fake.omdb, url }, 'movie', id);
    expect(await refusal(nowhere)).toMatchObject({ kind: 'unreachable' });
  });

  test('that hangs is left when the caller gives up, with the reason of the caller', async () => {
    const controller = new AbortController();
    const reason = new Error('The run was cancelled.');
    fake.answer = () => controller.abort(reason);
    const asked =
      source === 'TMDB'
        ? fetchTmdb(fake.tmdb.movie, 'movie', { imdb_id: id, tmdb_id: null }, controller.signal)
        : fetchOmdb(fake.omdb, 'movie', id, controller.signal);
    await expect(asked).rejects.toBe(reason);
  });

  test.each([
    ['redirects to another address (301)', 301, '', { location: 'http://127.0.0.1:1/' }],
    ['returned something that is no JSON (200)', 200, '<html>Sign in</html>', {}],
    ['returned more than 2 MiB (200)', 200, `"${'x'.repeat(2 ** 21)}"`, {}],
    ['returned an unexpected status (418)', 418, '', {}],
  ])('that %s is reported with the variable of its address', async (what, status, body, headers) => {
    reply(status, body, headers as Record<string, string>);
    const message = `${source} ${what}. Check ${names}_BASE_URL.`;
    expect(await refusal(ask())).toMatchObject({ kind: 'unusable', message });
    expect(fake.requests).toHaveLength(1);
  });
});
