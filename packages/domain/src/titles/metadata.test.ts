import type { MetadataSources } from '@at/adapters/metadata-sources';
import { type FakeMetadata, film, rated, show, startMetadata } from '@at/adapters/test/fake-metadata';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase } from '@at/db/testing';
import { type Kysely, sql } from 'kysely';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { findTitlesWithoutFacts, refreshMetadata } from './metadata.ts';

let fake: FakeMetadata;
let db: Kysely<DB>;
let sources: MetadataSources;
beforeAll(async () => {
  fake = await startMetadata();
  const database = await createTestDatabase();
  db = createDb(createPool({ connection: { connectionString: database.connectionString } }));
  const { movie, tv } = fake.tmdb;
  sources = { movie: { tmdb: movie, omdb: fake.omdb }, tv: { tmdb: tv, omdb: fake.omdb } };
  return async () => {
    await db.destroy();
    await database.drop();
    await fake.close();
  };
});
beforeEach(async () => {
  await db.deleteFrom('atp.training').execute();
  await db.deleteFrom('console.poster').execute();
  fake.answer = undefined;
  fake.found.clear();
  fake.ratings.clear();
  fake.details.movie.clear();
  fake.details.tv.clear();
});

const id = 'tt0133093';
const insert = (values: object = {}) =>
  db
    .insertInto('atp.training')
    .values({ imdb_id: id, media_type: 'movie', media_title: 'Lantern', release_year: 1998, ...values })
    .execute();
const stored = () => db.selectFrom('atp.training').selectAll().where('imdb_id', '=', id).executeTakeFirstOrThrow();
const refresh = (given = sources) => refreshMetadata(db, given, id, new AbortController().signal);

test('a title gets every fact that the sources know, and the outcome names each change; a repeat changes nothing', async () => {
  await insert({ label: 'would_watch', reviewed: true, budget: 1 });
  const before = await stored();
  fake.details.movie.set(603, film(603, id));
  fake.ratings.set(id, rated(id));
  const refreshed = await refresh();
  expect(refreshed).toMatchObject({ notes: [], failures: [] });
  expect(refreshed?.changes).toHaveLength(23);
  expect(refreshed?.changes).toContainEqual({ column: 'budget', from: 1, to: 63_000_000 });
  expect(refreshed?.changes).toContainEqual({ column: 'genre', from: null, to: ['Action', 'Science Fiction'] });
  const after = await stored();
  for (const { column, to } of refreshed?.changes ?? []) {
    if (column !== 'poster') expect(after[column]).toEqual(to);
  }
  expect(after).toMatchObject({ label: 'would_watch', reviewed: true, human_labeled: before.human_labeled });
  expect(await refresh()).toEqual({ changes: [], notes: [], failures: [] });
  expect((await stored()).updated_at).toBe(after.updated_at);
});

test('what the sources do not know stays as it is', async () => {
  await insert({ runtime: 120, genre: ['Drama'], imdb_rating: 71 });
  fake.details.movie.set(603, film(603, id, { runtime: 0, genres: [] }));
  fake.ratings.set(id, rated(id, { imdbRating: 'N/A' }));
  await refresh();
  expect(await stored()).toMatchObject({ runtime: 120, genre: ['Drama'], imdb_rating: 71, rt_score: 83 });
});

test('a show is read from the sources of shows', async () => {
  await insert({ media_type: 'tv_season', season: 2 });
  fake.details.tv.set(7, show(7, id));
  fake.ratings.set(id, rated(id, { Type: 'series' }));
  expect(await refresh()).toMatchObject({ notes: [], failures: [] });
  expect(await stored()).toMatchObject({ tmdb_id: 7, media_title: 'Tide Tables', season: 2, imdb_votes: 2_101_456 });
});

test('one source that fails does not keep the facts of the other back', async () => {
  await insert();
  fake.details.movie.set(603, film(603, id));
  const refreshed = await refresh({
    ...sources,
    movie: { tmdb: fake.tmdb.movie, omdb: { ...fake.omdb, key: 'wrong' } },
  });
  expect(refreshed?.failures).toMatchObject([{ source: 'OMDb', kind: 'refused' }]);
  expect(await stored()).toMatchObject({ tmdb_id: 603, imdb_rating: null });
  fake.ratings.set(id, rated(id));
  expect((await refresh())?.changes.map(({ column }) => column)).toEqual([
    'rt_score',
    'metascore',
    'imdb_rating',
    'imdb_votes',
  ]);
});

test('where TMDB has its poster is kept, and each change is an event of the title', async () => {
  const kept = () => db.selectFrom('console.poster').select(['imdb_id', 'path']).execute();
  const { count } = db.fn;
  const events = async () =>
    (
      await db
        .selectFrom('console.event')
        .select(count<string>('seq').as('events'))
        .where('type', '=', 'title.changed')
        .where(sql<boolean>`imdb_ids = array[${id}]`)
        .executeTakeFirstOrThrow()
    ).events;
  await insert();
  const only = { ...sources, movie: { tmdb: fake.tmdb.movie, omdb: null } };
  const refreshWith = async (poster_path: unknown) => {
    fake.details.movie.set(603, film(603, id, { poster_path }));
    return (await refresh(only))?.changes.filter(({ column }) => column === 'poster');
  };
  expect(await refreshWith('/aBcD_ef-123.jpg')).toEqual([{ column: 'poster', from: null, to: '/aBcD_ef-123.jpg' }]);
  expect(await kept()).toEqual([{ imdb_id: id, path: '/aBcD_ef-123.jpg' }]);
  const before = Number(await events());
  expect(await refreshWith('/aBcD_ef-123.jpg')).toEqual([]);
  expect(Number(await events())).toBe(before);
  expect(await refreshWith('/other.png')).toHaveLength(1);
  expect(Number(await events())).toBe(before + 1);
  // What is no path of a picture makes no address.
  for (const odd of [null, 7, '/../secret.jpg', '//host/x.jpg', 'https://host/x.jpg', '/x.svg', '/a?b.jpg']) {
    await refreshWith(odd);
    expect(await kept()).toEqual([{ imdb_id: id, path: null }]);
  }
});

test('with posters, titles whose poster was never looked for lack something', async () => {
  const whole = { tmdb_id: 603, genre: ['Drama'], overview: 'x', tmdb_votes: 1, imdb_votes: 1 };
  await insert(whole);
  const withPosters = { ...sources, movie: { ...sources.movie, tmdb: { ...fake.tmdb.movie, posters: true } } };
  expect(await findTitlesWithoutFacts(db, sources)).toEqual([]);
  expect(await findTitlesWithoutFacts(db, withPosters)).toEqual([id]);
  await db.insertInto('console.poster').values({ imdb_id: id }).execute();
  expect(await findTitlesWithoutFacts(db, withPosters)).toEqual([]);
});

test('a source that is not configured is not asked', async () => {
  await insert();
  fake.requests = [];
  fake.ratings.set(id, rated(id));
  const refreshed = await refresh({ ...sources, movie: { tmdb: null, omdb: fake.omdb } });
  expect(refreshed).toMatchObject({ notes: [], failures: [] });
  expect(await stored()).toMatchObject({ tmdb_id: null, imdb_rating: 87 });
  expect(fake.requests).toHaveLength(1);
});

test('a title of which nothing is known, or of an unknown type, is left alone, with the reasons', async () => {
  await insert();
  const before = await stored();
  expect(await refresh()).toEqual({
    changes: [],
    notes: [`TMDB does not know ${id}.`, `OMDb does not know ${id}.`],
    failures: [],
  });
  expect(await stored()).toEqual(before);
  await db.updateTable('atp.training').set({ media_type: 'unknown' }).execute();
  expect(await refresh()).toMatchObject({ notes: ['The title is neither a film nor a show: its type is unknown.'] });
});

test('a TMDB id that another title has is not taken, the other facts are', async () => {
  await insert();
  await insert({ imdb_id: 'tt0000001', tmdb_id: 603 });
  fake.details.movie.set(603, film(603, id));
  fake.ratings.set(id, rated(id));
  expect((await refresh())?.notes).toEqual(['The TMDB id 603 was not taken: tt0000001 has it already.']);
  expect(await stored()).toMatchObject({ tmdb_id: null, runtime: 136 });
});

test('a title that does not exist has no outcome, one that goes while the sources reply has no change', async () => {
  expect(await refresh()).toBeUndefined();
  await insert();
  fake.answer = (_request, reply) =>
    void db
      .deleteFrom('atp.training')
      .execute()
      .then(() => reply.writeHead(200).end(JSON.stringify(rated(id))));
  expect(await refresh({ ...sources, movie: { tmdb: null, omdb: fake.omdb } })).toMatchObject({ changes: [] });
});

test('a refresh that its caller gives up writes nothing', async () => {
  await insert();
  const controller = new AbortController();
  fake.answer = () => controller.abort(new Error('The run was cancelled.'));
  await expect(refreshMetadata(db, sources, id, controller.signal)).rejects.toThrow('The run was cancelled.');
});
