import { describe, expect, it } from 'vitest';
import {
  defaults,
  describeView,
  downloads,
  filterOf,
  mediaView,
  nextPage,
  previousPage,
  queryOf,
  readView,
  sortBy,
  writeView,
} from './view.ts';

const read = (search: string) => readView(new URLSearchParams(search));
const rewritten = (search: string) => writeView(read(search)).toString();

describe('the address', () => {
  it('is empty for the default view', () => {
    expect(read('')).toEqual(defaults);
    expect(writeView(defaults).toString()).toBe('');
  });

  it.each([
    'q=alien&pipeline_status=parsed%2Ccomplete&error_status=true&sort_by=media_title&sort_order=asc',
    'rss_source=yts.mx&view=board&rejection_status=override&media_type=tv_season&deleted=include',
    'release_year_min=1990&release_year_max=1999&limit=50&page=3',
    'changed_at_min=2026-07-01T22%3A00%3A00.000Z',
    'offset=17&cursor=abc',
  ])('says all there is to say: %s', (search) => {
    expect(rewritten(search)).toBe(search);
  });

  it('is the same for any order of the statuses', () => {
    expect(rewritten('pipeline_status=complete,parsed,complete')).toBe('pipeline_status=parsed%2Ccomplete');
  });

  it.each(['pipeline_status=parsed%2Cmusic', 'media_type=music', 'rejection_status=queued', 'rss_source=a%5C%2Cb'])(
    'keeps words that only the database may know: %s',
    (search) => {
      expect(rewritten(search)).toBe(search);
    },
  );

  it.each([
    'error_status=maybe',
    'sort_by=hash',
    'limit=7',
    'page=0',
    'page=1.5',
    'page=99999999999',
    'release_year_min=old',
    'release_year_min=1e999',
    'changed_at_min=yesterday',
    'changed_at_min=2026-13-01T00:00:00Z',
    'deleted=',
  ])('counts what it does not understand as absent: %s', (search) => {
    expect(read(search)).toEqual(defaults);
  });

  it('never leads to a query that the API refuses', () => {
    expect(read(`q=${encodeURIComponent('a\0b')}`).q).toBe('ab');
    expect(read(`q=${'x'.repeat(600)}`).q).toHaveLength(500);
  });
});

describe('the query', () => {
  it('has only the filters that narrow the list', () => {
    expect(filterOf(defaults)).toEqual({});
    expect(filterOf(read('q=+alien+&error_status=false&deleted=only&release_year_max=1999'))).toEqual({
      q: 'alien',
      error_status: false,
      deleted: 'only',
      release_year_max: 1999,
    });
  });

  it('orders by the latest change first', () => {
    expect(queryOf(defaults)).toEqual({ sort_by: 'updated_at', sort_order: 'desc' });
  });
});

describe('the description', () => {
  it('names the filters', () => {
    expect(describeView(defaults)).toBe('media items');
    expect(describeView({ ...defaults, pipeline_status: [...downloads], error_status: 'true' })).toBe(
      'media items, accepted to transferred, in error',
    );
    expect(
      describeView(
        read('media_type=movie&pipeline_status=parsed,paused&rss_source=yts.mx&release_year_min=1990&deleted=only&q=x'),
      ),
    ).toBe('movies, paused or parsed, from yts.mx, from 1990, deleted, matching "x"');
  });
});

describe('sorting', () => {
  it('reverses a column, and starts another with its default order', () => {
    const view = read('page=3&cursor=abc');
    expect(sortBy(view, 'updated_at')).toMatchObject({ sort_order: 'asc', offset: 0, cursor: null });
    expect(sortBy(view, 'media_title')).toMatchObject({ sort_by: 'media_title', sort_order: 'asc' });
    expect(sortBy(view, 'release_year')).toMatchObject({ sort_by: 'release_year', sort_order: 'desc' });
  });
});

describe('paging', () => {
  type Item = Parameters<typeof nextPage>[1][number];
  const item = (fields: Partial<Item>) =>
    ({ pipeline_status: 'parsed', error_status: true, rejection_status: 'unfiltered', ...fields }) as Item;

  it('counts only rows that still match for the offset of the next page', () => {
    const rows = [item({}), item({ error_status: false }), item({ deleted_at: '2025-01-01' }), item({})];
    expect(nextPage(read('error_status=true&offset=20'), rows, 'next')).toEqual({ offset: 22, cursor: 'next' });
    expect(nextPage(read('deleted=include'), rows, null)).toEqual({ offset: 4, cursor: null });
    expect(nextPage(read('pipeline_status=paused'), rows, null)).toEqual({ offset: 0, cursor: null });
  });

  it('goes back by a page, never before the first', () => {
    expect(previousPage(read('offset=45&cursor=abc'))).toEqual({ offset: 25, cursor: null });
    expect(previousPage(read('offset=7'))).toEqual({ offset: 0, cursor: null });
  });

  it('is reset with the filters', () => {
    const view = read('q=x&error_status=true&cause=y&page=4&limit=50&view=board');
    expect(mediaView.withoutFilters(view)).toEqual({ ...defaults, q: 'x', view: 'board', limit: 50 });
  });
});
