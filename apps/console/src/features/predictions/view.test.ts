import { describe, expect, it } from 'vitest';
import {
  activeFilters,
  describeView,
  evaluationQuery,
  listQuery,
  narrowsListAlone,
  openSlice,
  readThreshold,
  readView,
  withoutFilters,
  writeView,
} from './view.ts';

const view = (search = '') => readView(new URLSearchParams(search));

describe('the address', () => {
  it("without parameters is the twenty surest mistakes about films, at the downloader's threshold", () => {
    expect(listQuery(view())).toEqual({ media_type: 'movie', cell: 'errors', order: 'disagree' });
    expect(view()).toMatchObject({ rows: 20, threshold: null, anomalous: 'all' });
    expect(`${writeView(view())}`).toBe('');
  });

  it.each([
    'reviewed=false&anomalous=true&label=would_watch&cell=fp&q=%22a%26b%22&genre=Drama%2CHorror&threshold=0.425',
    'cells=recorded&cell=tn&order=unlikely&tab=slices&cost=2.5&by=decade&minimum=5&rows=140',
    'media_type=all&origin_country=DK&original_language=da&release_year_min=1990&imdb_rating_max=69.9&threshold=0',
  ])('comes back as it was read: %s', (search) => {
    const written = writeView(view(search));
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(new URLSearchParams(search)));
  });

  it('with invalid values is the default view', () => {
    const nonsense =
      'threshold=1.2&rows=-5&cost=0&minimum=a&q=%00&genre=,,&release_year_min=x&tab=__proto__&order=constructor';
    expect(view(nonsense)).toEqual(view());
  });

  it('queries words that only the database may know', () => {
    const { media_type, label } = listQuery(view('media_type=music&label=perhaps'));
    expect([media_type, label]).toEqual(['music', 'perhaps']);
    expect(listQuery(view('cell=xx&cells=recorded'))).toMatchObject({ cm_value: 'xx' });
    expect(listQuery(view('cell=xx'))).toMatchObject({ cm_value: 'xx' });
  });

  it('queries a cell at the threshold, or as the model recorded it', () => {
    expect(listQuery(view('cell=fp&threshold=0.6'))).toMatchObject({ cell: 'fp', threshold: 0.6 });
    const recorded = listQuery(view('cell=fp&threshold=0.6&cells=recorded&order=likely'));
    expect(recorded).toMatchObject({ cm_value: 'fp' });
    expect(recorded).not.toHaveProperty('threshold');
    expect(listQuery(view('threshold=0.6'))).toEqual({
      media_type: 'movie',
      cell: 'errors',
      threshold: 0.6,
      order: 'disagree',
    });
    expect(listQuery(view('cells=recorded&order=likely'))).toMatchObject({ cm_value: 'errors' });
    // A list of every cell by probability is the same at any threshold.
    const all = 'cell=all&order=likely';
    expect(listQuery(view(`${all}&threshold=0.6`))).toEqual(listQuery(view(all)));
  });

  it('queries the evaluation by type, review and anomaly only', () => {
    expect(evaluationQuery(view('reviewed=true&anomalous=false&q=x&genre=Drama&cell=fp&threshold=0.25'))).toEqual({
      media_type: 'movie',
      reviewed: true,
      anomalous: false,
      threshold: 0.25,
    });
  });
});

describe('a threshold', () => {
  it.each([
    ['0.35', 0.35],
    ['0.12345', 0.123],
    ['1', 1],
    [0, 0],
    ['', undefined],
    ['1.01', undefined],
    ['-0.1', undefined],
    ['NaN', undefined],
  ])('%j is read as %j', (text, threshold) => {
    expect(readThreshold(text)).toBe(threshold);
  });
});

describe('a slice', () => {
  it('opens as the filter of the list and replaces the previous slice', () => {
    const before = view('tab=slices&genre=Drama&reviewed=true&rows=80&threshold=0.4');
    const opened = openSlice(before, 'release_year_min=1990&release_year_max=1999');
    expect(opened).toMatchObject({ tab: 'titles', genre: [], reviewed: 'true', rows: 20, threshold: 0.4 });
    expect(listQuery(opened)).toMatchObject({ release_year_min: 1990, release_year_max: 1999, reviewed: true });
  });

  it('opens whole: filters that slices do not apply are removed', () => {
    const before = view('tab=slices&media_type=all&anomalous=false&cell=fp&label=none&q=alien&order=unlikely');
    expect(listQuery(openSlice(before, 'genre=Drama'))).toEqual({
      genre: ['Drama'],
      anomalous: false,
      sort_by: 'probability',
      sort_order: 'asc',
    });
  });
});

describe('filters of the list only', () => {
  it.each(['q=x', 'genre=Drama', 'label=none', 'release_year_min=1990', 'origin_country=DK'])('%s is one', (search) => {
    expect(narrowsListAlone(view(search))).toBe(true);
  });

  it.each(['', 'cell=fp', 'reviewed=true&anomalous=false', 'media_type=all&threshold=0.4'])('%j has none', (search) => {
    expect(narrowsListAlone(view(search))).toBe(false);
  });
});

describe('the description of the filter', () => {
  it('names each set filter', () => {
    const search =
      'cell=fn&reviewed=false&anomalous=true&label=none&q=alien&genre=Drama,Crime&origin_country=dk&release_year_max=1999&imdb_rating_min=60';
    expect(describeView(view(search))).toBe(
      'movies, false negatives, unreviewed, anomalous, unlabelled, matching "alien", Drama or Crime, Denmark, up to 1999, IMDb rating from 6',
    );
  });

  it('can remove each filter', () => {
    const set = view('cell=fn&order=likely&reviewed=false&genre=Drama&release_year_min=1990&imdb_rating_min=60');
    const left: string[][] = [];
    for (let now = set; activeFilters(now).length > 0; now = { ...now, ...activeFilters(now)[0]?.without }) {
      left.push(activeFilters(now).map(({ text }) => text));
    }
    expect(left.map((texts) => texts.length)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(left.at(-1)).toEqual(['IMDb rating from 6']);
    expect(activeFilters(withoutFilters(set))).toEqual([]);
    expect(listQuery(withoutFilters(set))).toEqual({ sort_by: 'probability', sort_order: 'desc' });
  });
});
