import { expect, test } from 'vitest';
import { releaseYear, type SourceFilm, selectFilms, tmdbGenres } from './films.ts';

const complete: SourceFilm = {
  Title: 'A Film',
  'Release Date': 'Jun 12 1998',
  'Production Budget': 8_000_000,
  'Worldwide Gross': 12_000_000,
  'Running Time min': 101,
  'Major Genre': 'Drama',
  'Creative Type': null,
  'Rotten Tomatoes Rating': 63,
  'IMDB Rating': 6.1,
  'IMDB Votes': 1_071,
};

test('a year after 2011 is moved back by a century', () => {
  expect(['Feb 08 2015', 'Nov 21 2046', 'Dec 23 2011', 'Aug 12 1928'].map(releaseYear)).toEqual([
    1915, 1946, 2011, 1928,
  ]);
});

test("genres get TMDB's names", () => {
  expect(tmdbGenres('Thriller/Suspense', null)).toEqual(['Thriller']);
  expect(tmdbGenres('Romantic Comedy', 'Contemporary Fiction')).toEqual(['Romance', 'Comedy']);
  expect(tmdbGenres('Black Comedy', 'Fantasy')).toEqual(['Comedy', 'Fantasy']);
  expect(tmdbGenres('Musical', null)).toEqual(['Music']);
  expect(tmdbGenres('Concert/Performance', 'Factual')).toEqual(['Music']);
});

test('an unknown major genre is an error with its name', () => {
  expect(() => tmdbGenres('Space Opera', null)).toThrow('No TMDB genre is known for "Space Opera"');
});

test('a complete entry becomes a film in the units of atp.training', () => {
  expect(selectFilms([complete])).toEqual([
    {
      media_title: 'A Film',
      release_year: 1998,
      budget: 8_000_000,
      revenue: 12_000_000,
      runtime: 101,
      genre: ['Drama'],
      rt_score: 63,
      imdb_rating: 61,
      imdb_votes: 1_071,
    },
  ]);
});

test('ten times an IMDb rating is an integer, despite binary fractions', () => {
  const ratings = [6.1, 8.2, 1.1, 5.7].map((rating, i) => ({ ...complete, Title: `Film ${i}`, 'IMDB Rating': rating }));
  expect(selectFilms(ratings).map((film) => film.imdb_rating)).toEqual([61, 82, 11, 57]);
});

test('a title that is a number becomes text', () => {
  expect(selectFilms([{ ...complete, Title: 1776 }])[0]?.media_title).toBe('1776');
});

test('a film without a running time stays, with an unknown running time', () => {
  expect(selectFilms([{ ...complete, 'Running Time min': null }])[0]?.runtime).toBeNull();
});

test.each([
  ['title', { Title: null }],
  ['genre', { 'Major Genre': null }],
  ['budget', { 'Production Budget': null }],
  ['reported gross', { 'Worldwide Gross': 0 }],
  ['Rotten Tomatoes score', { 'Rotten Tomatoes Rating': null }],
  ['IMDb rating', { 'IMDB Rating': null }],
  ['IMDb votes', { 'IMDB Votes': null }],
  ['more than a handful of IMDb votes', { 'IMDB Votes': 499 }],
])('a film without %s is left out', (_, gap) => {
  expect(selectFilms([{ ...complete, ...gap }])).toEqual([]);
});

test('of two entries with the same title and year the first is used', () => {
  const again = { ...complete, Title: 'a film', 'IMDB Votes': 2_000 };
  expect(selectFilms([complete, again]).map((film) => film.imdb_votes)).toEqual([1_071]);
});

test('films with the same title and IMDb figures are left out, a remake with its own figures stays', () => {
  const remake = { ...complete, 'Release Date': 'Mar 01 2004' };
  expect(selectFilms([complete, remake])).toEqual([]);
  expect(selectFilms([complete, { ...remake, 'IMDB Votes': 900 }]).map((film) => film.release_year)).toEqual([
    1998, 2004,
  ]);
});
