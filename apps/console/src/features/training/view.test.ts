import type { TrainingRow } from '@at/contracts/training';
import { describe, expect, it } from 'vitest';
import {
  backlogOf,
  describeView,
  nextPage,
  passOf,
  previousPage,
  queryOf,
  readView,
  trainingView,
  writeView,
} from './view.ts';

const read = (search: string) => readView(new URLSearchParams(search));

describe('the view in the URL', () => {
  it('is the backlog of unreviewed films, newest update first, for an empty URL', () => {
    expect(queryOf(read(''))).toEqual({
      media_type: 'movie',
      reviewed: false,
      sort_by: 'updated_at',
      sort_order: 'desc',
      include: 'prediction',
    });
    expect(`${writeView(read(''))}`).toBe('');
  });

  it('survives being written to the URL and read', () => {
    const search =
      'view=list&media_type=all&reviewed=all&label=none&anomalous=true&order=random&q=a+%26+b&genre=Drama%2CSci-Fi+%26+Fantasy' +
      '&origin_country=US&original_language=en&release_year_min=1990&probability_max=0.5' +
      '&decided_by=Ada&decided_at_min=2026-05-21T09%3A00%3A00.094287Z&decided_at_max=2026-05-21T10%3A00%3A00%2B02%3A00&seed=x&page=3';
    const view = read(search);
    expect(readView(writeView(view))).toEqual(view);
    expect(view.offset).toBe(40);
    const within = read('view=list&offset=15&cursor=abc');
    expect(readView(writeView(within))).toEqual(within);
    expect(view).toMatchObject({
      genre: ['Drama', 'Sci-Fi & Fantasy'],
      bounds: { release_year_min: 1990, probability_max: 0.5 },
    });
  });

  it('ignores invalid values', () => {
    expect(read('view=x&order=up&page=-1&release_year_min=soon&decided_at_min=soon&reviewed=')).toEqual(read(''));
  });

  it('keeps words that only the database may know, commas in values, and every digit of a bound', () => {
    const view = read('media_type=music&label=perhaps&genre=a%5C%2Cb,c&budget_min=9007199254740993&runtime_max=90');
    expect(queryOf(view)).toMatchObject({
      media_type: 'music',
      label: 'perhaps',
      genre: ['a,b', 'c'],
      budget_min: '9007199254740993',
      runtime_max: 90,
    });
    expect(read(writeView(view).toString())).toEqual(view);
  });

  it('omits the parameter for all of a kind', () => {
    expect(queryOf(read('media_type=all&reviewed=all'))).not.toHaveProperty('media_type');
    expect(queryOf(read('media_type=all&reviewed=all'))).not.toHaveProperty('reviewed');
  });

  it.each([
    ['newest', { sort_by: 'updated_at', sort_order: 'desc' }],
    ['oldest', { sort_by: 'updated_at', sort_order: 'asc' }],
    ['waiting', { sort_by: 'created_at', sort_order: 'asc' }],
    ['uncertain', { order: 'uncertain' }],
    ['disagree', { order: 'disagree' }],
    ['likely', { sort_by: 'probability', sort_order: 'desc' }],
    ['unlikely', { sort_by: 'probability', sort_order: 'asc' }],
    ['random', { order: 'random' }],
  ])('in the order %s queries %j only', (order, asked) => {
    const { media_type: _, reviewed: __, include: ___, ...query } = queryOf(read(`order=${order}`));
    expect(query).toEqual(asked);
  });

  it('describes the filter', () => {
    expect(describeView(read(''))).toBe('unreviewed movies');
    expect(describeView(read('reviewed=all&q=alien&genre=Drama,Crime&release_year_min=1990&anomalous=true'))).toBe(
      'all movies, matching "alien", anomalous, Drama or Crime, from 1990',
    );
    expect(describeView(read('imdb_rating_min=65&rt_score_max=40'))).toBe(
      'unreviewed movies, Rotten Tomatoes up to 40, IMDb rating from 6.5',
    );
  });

  it('has a chip for each set filter, none in the backlog, and clears them without the words of the search', () => {
    const chips = (search: string) => trainingView.chips(read(search)).map(({ text }) => text);
    expect(chips('')).toEqual([]);
    expect(chips('order=oldest')).toEqual([]);
    expect(chips('q=x')).toEqual(['unreviewed', 'movies']);
    expect(chips('reviewed=all&media_type=music&genre=Drama')).toEqual(['music', 'Drama']);
    expect(writeView(trainingView.withoutFilters(read('q=x&genre=Drama&page=2'))).toString()).toBe(
      'media_type=all&reviewed=all&q=x',
    );
  });

  it('identifies the same titles in the same order in every view and page', () => {
    expect(passOf(read('view=list&page=4'))).toBe(passOf(read('')));
    expect(passOf(read('order=oldest'))).not.toBe(passOf(read('')));
    expect(passOf(backlogOf(read('q=x')))).toBe(passOf(read('')));
  });
});

describe('paging', () => {
  const title = (changes: Partial<TrainingRow> = {}) =>
    ({ label: null, reviewed: false, anomalous: false, ...changes }) as TrainingRow;
  const answered = title({ label: 'would_watch', reviewed: true });

  it('continues after the last title, and counts only titles that are still before it', () => {
    const view = read('view=list&page=2');
    expect(nextPage(view, Array(20).fill(title()), 'c')).toEqual({ offset: 40, cursor: 'c' });
    expect(nextPage(view, [...Array(15).fill(title()), ...Array(5).fill(answered)], 'c')).toEqual({
      offset: 35,
      cursor: 'c',
    });
  });

  it('is the first page again when all titles before it are answered', () => {
    expect(nextPage(read('view=list'), Array(20).fill(answered), 'c')).toEqual({ offset: 0, cursor: 'c' });
  });

  it.each([
    ['reviewed=all', answered, true],
    ['reviewed=true', answered, true],
    ['reviewed=false', title({ reviewed: null }), true],
    ['label=none', answered, false],
    ['reviewed=all&label=would_watch', answered, true],
    ['reviewed=all&label=would_not_watch', answered, false],
    ['anomalous=false', title({ anomalous: true }), false],
    ['anomalous=true', title({ anomalous: true }), true],
  ])('with %s counts a title as the filter does', (search, row, stays) => {
    expect(nextPage(read(search), [row], 'c').offset).toBe(stays ? 1 : 0);
  });

  it('goes back a page at a time, and not before the first title', () => {
    expect(previousPage(read('offset=35&cursor=c'))).toEqual({ offset: 15, cursor: null });
    expect(previousPage(read('offset=15&cursor=c'))).toEqual({ offset: 0, cursor: null });
  });
});
