import type { QueryOf } from '@at/contracts/endpoint';
import type { listMovies } from '@at/contracts/movies';
import { type EvaluationQuery, type SliceDimension, sliceDimensions } from '@at/contracts/predictions';
import { type CmValue, cmValues, labels, type MediaType, mediaTypes } from '@at/contracts/vocabulary';
import { formatCountry, formatDecimal, formatLanguage } from '#ui/format.ts';
import { searchText } from '#ui/search-text.ts';
import { predictionTexts as texts } from './texts.ts';

/** What the page shows, as its URL says it. */

const orderQueries = {
  likely: { sort_by: 'probability', sort_order: 'desc' },
  unlikely: { sort_by: 'probability', sort_order: 'asc' },
  uncertain: { order: 'uncertain' },
  disagree: { order: 'disagree' },
} as const;
export type Order = keyof typeof orderQueries;
export const orders = Object.keys(orderQueries) as Order[];

/** What stands below the matrix. */
export const tabs = ['titles', 'curves', 'calibration', 'slices'] as const;
export type Tab = (typeof tabs)[number];

const boundNames = ['release_year_min', 'release_year_max', 'imdb_rating_min', 'imdb_rating_max'] as const;
export type Bounds = { [name in (typeof boundNames)[number]]?: number };

export type PredictionsView = {
  media_type: MediaType | 'all';
  reviewed: 'true' | 'false' | 'all';
  anomalous: 'true' | 'false' | 'all';
  label: (typeof labels)[number] | 'none' | 'all';
  /** Whose cells: of today's labels at the threshold, or as the model stored them. */
  cells: 'computed' | 'recorded';
  cell: CmValue | 'all';
  order: Order;
  tab: Tab;
  q: string;
  genre: string[];
  origin_country: string[];
  original_language: string[];
  bounds: Bounds;
  /** Three decimals at most; null: the downloader's. */
  threshold: number | null;
  /** How many false negatives one false positive costs. */
  cost: number;
  /** What the slices are cut by, and how many labelled titles one must have. */
  by: SliceDimension;
  minimum: number;
  /** How many rows of the list are loaded. */
  rows: number;
};

export const pageRows = 20;
/** What a list that begins anew says of its length. */
export const firstPage = { rows: pageRows } satisfies Partial<PredictionsView>;
/** A reload brings back as many rows as were there, up to here. */
const mostRows = 20_000;
export const costs = { min: 0.01, max: 100 };

const defaults: PredictionsView = {
  media_type: 'movie',
  reviewed: 'all',
  anomalous: 'all',
  label: 'all',
  cells: 'computed',
  cell: 'all',
  order: 'likely',
  tab: 'titles',
  q: '',
  genre: [],
  origin_country: [],
  original_language: [],
  bounds: {},
  threshold: null,
  cost: 1,
  by: 'genre',
  minimum: 20,
  rows: pageRows,
};

const words = {
  media_type: [...mediaTypes, 'all'],
  reviewed: ['true', 'false', 'all'],
  anomalous: ['true', 'false', 'all'],
  label: [...labels, 'none', 'all'],
  cells: ['computed', 'recorded'],
  cell: [...cmValues, 'all'],
  order: orders,
  tab: tabs,
  by: sliceDimensions,
} satisfies { [K in keyof PredictionsView]?: readonly PredictionsView[K][] };

/** Lists of words, with the length of the longest that the API takes. */
const lists = { genre: 40, origin_country: 2, original_language: 2 };
const listNames = Object.keys(lists) as (keyof typeof lists)[];

/** To the thousandth that the histogram knows; undefined for what is no probability. */
export function readThreshold(text: string | number): number | undefined {
  const value = text === '' ? Number.NaN : Number(text);
  return value >= 0 && value <= 1 ? Math.round(value * 1000) / 1000 : undefined;
}

/** With as many decimals as it takes, two at least. */
export function formatThreshold(threshold: number): string {
  return formatDecimal(threshold, Number.isInteger(Math.round(threshold * 1000) / 10) ? 2 : 3);
}

/** The view that the parameters of the URL describe; what is not understood counts as absent. */
export function readView(parameters: URLSearchParams): PredictionsView {
  const view: PredictionsView = { ...defaults, bounds: {} };
  for (const [name, known] of Object.entries(words)) {
    const value = parameters.get(name);
    if (value !== null && (known as readonly string[]).includes(value)) Object.assign(view, { [name]: value });
  }
  // Nothing that is stored holds the character 0, and the API refuses it.
  const text = (name: string) => (parameters.get(name) ?? '').replaceAll('\0', '').trim();
  const number = (name: string) => (text(name) === '' ? Number.NaN : Number(text(name)));
  view.q = searchText(parameters.get('q'));
  for (const name of listNames) {
    view[name] = text(name)
      .split(',')
      .filter((word) => word !== '' && word.length <= lists[name]);
  }
  for (const name of boundNames) if (Number.isFinite(number(name))) view.bounds[name] = number(name);
  view.threshold = readThreshold(text('threshold')) ?? null;
  if (number('cost') >= costs.min && number('cost') <= costs.max) view.cost = number('cost');
  if (Number.isInteger(number('minimum')) && number('minimum') >= 1) view.minimum = Math.min(1e6, number('minimum'));
  if (Number.isInteger(number('rows')) && number('rows') > pageRows) view.rows = Math.min(mostRows, number('rows'));
  return view;
}

/** The URL's parameters for a view; what is as usual is left out. */
export function writeView(view: PredictionsView): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of Object.keys(words) as (keyof typeof words)[]) {
    if (view[name] !== defaults[name]) parameters.set(name, view[name]);
  }
  if (view.q) parameters.set('q', view.q);
  for (const name of listNames) if (view[name].length > 0) parameters.set(name, view[name].join(','));
  for (const [name, value] of Object.entries(view.bounds)) parameters.set(name, String(value));
  for (const name of ['threshold', 'cost', 'minimum', 'rows'] as const) {
    if (view[name] !== defaults[name]) parameters.set(name, String(view[name]));
  }
  return parameters;
}

/** What matrix, measures and charts are about. */
export function scopeOf({ media_type, reviewed, anomalous }: PredictionsView): EvaluationQuery {
  return {
    ...(media_type === 'all' ? {} : { media_type }),
    ...(reviewed === 'all' ? {} : { reviewed: reviewed === 'true' }),
    ...(anomalous === 'all' ? {} : { anomalous: anomalous === 'true' }),
  };
}

const atThreshold = ({ threshold }: PredictionsView) => (threshold === null ? {} : { threshold });

export function evaluationQuery(view: PredictionsView): EvaluationQuery {
  return { ...scopeOf(view), ...atThreshold(view) };
}

/** What the list is narrowed to, as the API takes it. */
function filterOf(view: PredictionsView) {
  const { cells, cell, label, q, genre, origin_country, original_language, bounds } = view;
  return {
    ...scopeOf(view),
    ...(label === 'all' ? {} : { label }),
    ...(q.trim() ? { q: q.trim() } : {}),
    ...(genre.length > 0 ? { genre } : {}),
    ...(origin_country.length > 0 ? { origin_country } : {}),
    ...(original_language.length > 0 ? { original_language } : {}),
    ...bounds,
    ...(cell === 'all' ? {} : cells === 'recorded' ? { cm_value: cell } : { cell, ...atThreshold(view) }),
  };
}

/** The API's query for the list; how many rows is the caller's business. */
export function listQuery(view: PredictionsView): NonNullable<QueryOf<typeof listMovies>> {
  return { ...filterOf(view), ...orderQueries[view.order] };
}

/** The filter of an operation on every title of the list: not on those that the model has not judged. */
export const bulkFilter = (view: PredictionsView) => ({ ...filterOf(view), probability_min: 0 });

/** Everything but filters stays; those that matrix and charts are about go too. */
export function withoutFilters(view: PredictionsView): PredictionsView {
  const { cells, order, tab, threshold, cost, by, minimum } = view;
  return { ...defaults, media_type: 'all', bounds: {}, cells, order, tab, threshold, cost, by, minimum };
}

/**
 * The view with a slice as the list's filter, `filter` being the slice's query string. What slices know nothing of, such as
 * a search, goes: the list shall hold the whole slice.
 */
export function openSlice(view: PredictionsView, filter: string): PredictionsView {
  const { media_type, reviewed, anomalous } = view;
  const { genre, origin_country, original_language, bounds } = readView(new URLSearchParams(filter));
  const slice = { genre, origin_country, original_language, bounds };
  return { ...withoutFilters(view), media_type, reviewed, anomalous, ...slice, tab: 'titles' };
}

/** A filter that is set, in words, with the view without it. */
export type ActiveFilter = { words: string; without: Partial<PredictionsView> };

function describeBounds(bounds: Bounds, column: 'release_year' | 'imdb_rating'): string {
  const { [`${column}_min` as const]: min, [`${column}_max` as const]: max } = bounds;
  const range =
    min !== undefined && max !== undefined
      ? texts.between(String(min), String(max))
      : min !== undefined
        ? texts.from(String(min))
        : max !== undefined && texts.upTo(String(max));
  return range ? (column === 'imdb_rating' ? texts.imdbRating(range) : range) : '';
}

function withoutBounds(bounds: Bounds, column: 'release_year' | 'imdb_rating'): Bounds {
  const { [`${column}_min` as const]: _min, [`${column}_max` as const]: _max, ...others } = bounds;
  return others;
}

/** The filters of the list beside its type, each with the way out of it. */
export function activeFilters(view: PredictionsView): ActiveFilter[] {
  const { cell, cells, reviewed, anomalous, label, q, genre, origin_country, original_language, bounds } = view;
  const all: ActiveFilter[] = [
    { words: cell === 'all' ? '' : texts.cellFilter[cells][cell], without: { cell: 'all' } },
    { words: texts.reviewedFilter[reviewed], without: { reviewed: 'all' } },
    { words: texts.anomalousFilter[anomalous], without: { anomalous: 'all' } },
    { words: texts.labelFilter[label], without: { label: 'all' } },
    { words: q.trim() && texts.matching(q.trim()), without: { q: '' } },
    { words: genre.join(` ${texts.or} `), without: { genre: [] } },
    {
      words: origin_country.map((code) => formatCountry(code.toUpperCase())).join(` ${texts.or} `),
      without: { origin_country: [] },
    },
    {
      words: original_language.map((code) => formatLanguage(code.toLowerCase())).join(` ${texts.or} `),
      without: { original_language: [] },
    },
    ...(['release_year', 'imdb_rating'] as const).map((column) => ({
      words: describeBounds(bounds, column),
      without: { bounds: withoutBounds(bounds, column) },
    })),
  ];
  return all.filter((filter) => filter.words !== '');
}

/** Whether a filter is set that matrix and charts know nothing of. */
export function narrowsListAlone(view: PredictionsView): boolean {
  return activeFilters({ ...view, cell: 'all', reviewed: 'all', anomalous: 'all' }).length > 0;
}

/** What matrix and charts are about, in words. */
export function describeScope({ media_type, reviewed, anomalous }: PredictionsView): string {
  const words = [texts.types[media_type], texts.reviewedFilter[reviewed], texts.anomalousFilter[anomalous]];
  return words.filter(Boolean).join(', ');
}

/** The filter in words, such as `movies, false positives, reviewed, Drama`. */
export function describeView(view: PredictionsView): string {
  return [texts.types[view.media_type], ...activeFilters(view).map((filter) => filter.words)].join(', ');
}
