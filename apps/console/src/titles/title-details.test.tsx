import { TrainingRow } from '@at/contracts/training';
import { MantineProvider } from '@mantine/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { beforeAll, describe, expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('location', new URL('http://console.test/'));
});

import { queryClient } from '#api/query-client.ts';
import { imdbUrl, tmdbUrl } from './title-address.ts';
import { groups, TitleDetails } from './title-details.tsx';

const title: TrainingRow = {
  imdb_id: 'tt2759766',
  tmdb_id: 286521,
  label: 'would_not_watch',
  human_labeled: true,
  anomalous: false,
  reviewed: true,
  media_type: 'movie',
  media_title: 'A title',
  season: 2,
  episode: 11,
  release_year: 2014,
  budget: 12_500_000,
  revenue: 48_211_904,
  runtime: 107,
  origin_country: ['DK'],
  production_companies: ['First company', 'Second company'],
  production_countries: ['JP'],
  production_status: 'Released',
  original_language: 'da',
  spoken_languages: ['en', 'da'],
  genre: ['Drama'],
  original_media_title: 'En titel',
  tagline: 'A tagline',
  overview: 'An overview',
  tmdb_rating: 7.321,
  tmdb_votes: 421,
  rt_score: 87,
  metascore: 71,
  imdb_rating: 74,
  imdb_votes: 184,
  created_at: '2025-05-21T02:27:51.094287Z',
  updated_at: '2025-11-19T02:27:51.094287Z',
  prediction: 1,
  probability: 0.87312,
  cm_value: 'fp',
  prediction_created_at: '2025-11-18T00:00:00.000000Z',
};
const required = [
  'imdb_id',
  'human_labeled',
  'anomalous',
  'media_type',
  'media_title',
  'release_year',
  'created_at',
  'updated_at',
];
const bare = Object.fromEntries(
  Object.entries(title).map(([column, value]) => [column, required.includes(column) ? value : null]),
) as TrainingRow;

function draw(row: TrainingRow, isBlind = false): string {
  const router = createMemoryRouter([{ path: '/', element: <TitleDetails title={row} isBlind={isBlind} /> }]);
  return renderToStaticMarkup(
    <MantineProvider>
      <RouterProvider router={router} />
    </MantineProvider>,
  );
}

/** The HTML of a column. */
function shown(row: TrainingRow, column: keyof TrainingRow): string {
  return new RegExp(`data-column="${column}"><dt>[^<]+</dt><dd>(.*?)</dd>`, 's').exec(draw(row))?.[1] ?? 'nothing';
}

beforeAll(() => queryClient.setQueryData(['server-info'], { operating_threshold: 0.6 }));

describe('the details of a title', () => {
  it('show every column of the contract exactly once', () => {
    const columns = groups.flatMap(({ fields }) => fields.map(({ column }) => column));
    // The poster is a picture beside them.
    const { poster: _, ...shownColumns } = TrainingRow.properties;
    expect(columns.toSorted()).toEqual(Object.keys(shownColumns).toSorted());
  });

  it('begin with the history, which has Undo, and the state, before what changes rarely', () => {
    const headings = [...draw(title).matchAll(/<h3[^>]*>([^<]+)</g)].map(([, heading]) => heading);
    expect(headings.slice(0, 3)).toEqual(['History', 'Status', 'Basics']);
  });

  it.each([
    ['media_title', 'A title'],
    ['season', '2'],
    ['episode', '11'],
    ['release_year', '2014'],
    ['runtime', '1 h 47 min'],
    ['production_companies', 'First company, Second company'],
    ['production_status', 'Released'],
    ['original_media_title', 'En titel'],
    ['tagline', 'A tagline'],
    ['overview', 'An overview'],
    ['reviewed', 'yes'],
    ['anomalous', 'no'],
    ['prediction', 'would watch at 0.60'],
    ['probability', '0.8731'],
    ['rt_score', '87 of 100'],
    ['imdb_rating', '7.4 of 10'],
    ['imdb_votes', '184'],
  ] as const)('show %s as %s', (column, text) => {
    expect(shown(title, column)).toBe(text);
  });

  it.each([
    ['label', 'would not watch'],
    ['cm_value', 'false positive'],
    ['genre', 'Drama'],
    ['origin_country', '/flags/DK.svg'],
    ['production_countries', '/flags/JP.svg'],
    ['tmdb_id', 'aria-label="Copy TMDB id"'],
    ['created_at', 'dateTime="2025-05-21T02:27:51.094287Z"'],
    ['updated_at', 'dateTime="2025-11-19T02:27:51.094287Z"'],
    ['prediction_created_at', 'dateTime="2025-11-18T00:00:00.000000Z"'],
  ] as const)('show %s with %s', (column, part) => {
    expect(shown(title, column)).toContain(part);
  });

  it('show a dash for every unknown value', () => {
    for (const column of Object.keys(bare) as (keyof TrainingRow)[]) {
      const text = shown(bare, column).replace(/<[^>]*>/g, '');
      if (column === 'label') expect(text).toBe('unlabelled');
      else if (!required.includes(column)) expect([column, text]).toEqual([column, '—']);
      else expect([column, text]).not.toEqual([column, '—']);
    }
  });

  it('hide in blind mode what the model and others say, and call none of it unknown', () => {
    const html = draw(title, true);
    const isHidden = ({ column }: { column: string }) =>
      new RegExp(`data-column="${column}"><dt>[^<]+</dt><dd><span[^>]*>hidden until you answer<`).test(html);
    const columns = groups.flatMap(({ fields }) => fields.filter(isHidden).map(({ column }) => column));
    expect(columns).toEqual(['label', 'prediction', 'probability', 'cm_value', 'prediction_created_at']);
    expect(html).not.toMatch(/would( not)? watch|0\.8731|false positive/);
    // The history tells it too.
    expect(html.match(/hidden until you answer/g)).toHaveLength(6);
  });

  it('show 0 as 0', () => {
    const zero = { ...title, season: 0, budget: 0, rt_score: 0, imdb_votes: 0, prediction: 0, probability: 0 };
    expect(shown(zero, 'season')).toBe('0');
    expect(shown(zero, 'budget')).toMatch(/0/);
    expect(shown(zero, 'rt_score')).toBe('0 of 100');
    expect(shown(zero, 'imdb_votes')).toBe('0');
    expect(shown(zero, 'prediction')).toBe('would not watch at 0.60');
    expect(shown(zero, 'probability')).toBe('0.0000');
  });

  it('keep markup in any text as text', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const texts = Object.fromEntries(
      Object.entries(title).map(([column, value]) => [
        column,
        typeof value === 'string' && !['label', 'cm_value'].includes(column) && !column.endsWith('_at')
          ? hostile
          : Array.isArray(value)
            ? [hostile]
            : value,
      ]),
    ) as TrainingRow;
    const html = draw(texts);
    expect(html).not.toContain('<img src=x');
    expect(html.match(/&lt;img src=x onerror=alert\(1\)&gt;/g)?.length).toBeGreaterThanOrEqual(12);
  });
});

describe('the id on another site', () => {
  it('of IMDb links there', () => {
    expect(shown(title, 'imdb_id')).toContain('href="https://www.imdb.com/title/tt2759766/"');
  });

  it('of the demo catalogue has no link', () => {
    expect(['tt99000001', 'tt99050000', 'tt99099999'].map(imdbUrl)).toEqual([undefined, undefined, undefined]);
    expect(shown({ ...title, imdb_id: 'tt99000001' }, 'imdb_id')).not.toContain('href');
  });

  it('of another title in the demo catalogue links to IMDb, seven digits included', () => {
    expect(['tt9900001', 'tt99000000', 'tt99100000'].map(imdbUrl)).not.toContain(undefined);
  });

  it('of TMDB links to the film or the show, where the id is real and its type known', () => {
    expect(shown(title, 'tmdb_id')).toContain('href="https://www.themoviedb.org/movie/286521"');
    const url = (changes: Partial<TrainingRow>) => tmdbUrl({ ...title, ...changes });
    expect(url({ media_type: 'tv_season' })).toBe('https://www.themoviedb.org/tv/286521');
    expect([{ media_type: 'unknown' }, { tmdb_id: null }, { imdb_id: 'tt99000001' }].map(url)).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('can only link to IMDb', () => {
    expect(imdbUrl('javascript:alert(1)')).toBe('https://www.imdb.com/title/javascript%3Aalert(1)/');
    expect(imdbUrl('../../evil?"')).toBe('https://www.imdb.com/title/..%2F..%2Fevil%3F%22/');
  });
});
