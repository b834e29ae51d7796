import type { QueryOf } from '@at/contracts/endpoint';
import { maximumOffset } from '@at/contracts/paging';
import { type listTraining, type TrainingRow, trainingRanges } from '@at/contracts/training';
import { labels, type MediaType, mediaTypes } from '@at/contracts/vocabulary';
import { formatCountry, formatLanguage, formatMoment, formatWord, isolate } from '#ui/format.ts';
import { isMoment } from '#ui/iso-time.ts';
import { searchText } from '#ui/search-text.ts';
import { trainingTexts } from './texts.ts';

/** What the page shows, as its URL says it. */

export const orders = {
  newest: { query: { sort_by: 'updated_at', sort_order: 'desc' } },
  oldest: { query: { sort_by: 'updated_at', sort_order: 'asc' } },
  waiting: { query: { sort_by: 'created_at', sort_order: 'asc' } },
  uncertain: { query: { order: 'uncertain' } },
  disagree: { query: { order: 'disagree' } },
  likely: { query: { sort_by: 'probability', sort_order: 'desc' } },
  unlikely: { query: { sort_by: 'probability', sort_order: 'asc' } },
  random: { query: { order: 'random' } },
} as const;
export type Order = keyof typeof orders;

/** The ranges that the filter panel offers, with the limits of their inputs. */
export const ranges = [
  { column: 'release_year', min: 1850, max: 2100 },
  { column: 'probability', min: 0, max: 1 },
  { column: 'imdb_rating', min: 0, max: 100 },
  { column: 'rt_score', min: 0, max: 100 },
  { column: 'metascore', min: 0, max: 100 },
  { column: 'tmdb_rating', min: 0, max: 10 },
] as const;

type Bounds = Partial<Record<`${(typeof trainingRanges)[number]}_${'min' | 'max'}`, number>>;

export type TrainingView = {
  view: 'review' | 'list';
  media_type: MediaType | 'all';
  reviewed: 'false' | 'true' | 'all';
  label: (typeof labels)[number] | 'none' | 'all';
  anomalous: 'true' | 'false' | 'all';
  q: string;
  genre: string[];
  origin_country: string[];
  original_language: string[];
  bounds: Bounds;
  /** Who decided the titles, and from and to which moment, as the API takes it; empty: whoever, and whenever. */
  decided_by: string;
  decided_at_min: string;
  decided_at_max: string;
  order: Order;
  /** Where a random order starts. */
  seed: string;
  /** Rows before the first one of the list's page. */
  offset: number;
  /** Where the list's page begins, exact also when rows before it have left the filter; null: at the offset. */
  cursor: string | null;
};

export const listLimit = 20;

const defaults: TrainingView = {
  view: 'review',
  media_type: 'movie',
  reviewed: 'false',
  label: 'all',
  anomalous: 'all',
  q: '',
  genre: [],
  origin_country: [],
  original_language: [],
  bounds: {},
  decided_by: '',
  decided_at_min: '',
  decided_at_max: '',
  order: 'newest',
  seed: '',
  offset: 0,
  cursor: null,
};

const words = {
  view: ['review', 'list'],
  media_type: [...mediaTypes, 'all'],
  reviewed: ['false', 'true', 'all'],
  label: [...labels, 'none', 'all'],
  anomalous: ['true', 'false', 'all'],
  order: Object.keys(orders) as Order[],
} satisfies { [K in keyof TrainingView]?: readonly TrainingView[K][] };

/** Lists of words, with the length of the longest that the API takes. */
const lists = { genre: 40, origin_country: 2, original_language: 2 };
const listNames = Object.keys(lists) as (keyof typeof lists)[];
const longestActor = 500;
const moments = ['decided_at_min', 'decided_at_max'] as const;
const longestSeed = 64;
const longestCursor = 10_000;
const boundNames = trainingRanges.flatMap((column) => [`${column}_min`, `${column}_max`] as const);

/** The view that the parameters of the URL describe; what is not understood counts as absent. */
export function readView(parameters: URLSearchParams): TrainingView {
  const view: TrainingView = { ...defaults, bounds: {} };
  for (const [name, known] of Object.entries(words)) {
    const value = parameters.get(name);
    if (value !== null && (known as readonly string[]).includes(value)) Object.assign(view, { [name]: value });
  }
  // Nothing that is stored holds the character 0, and the API refuses it.
  const text = (name: string) => (parameters.get(name) ?? '').replaceAll('\0', '');
  view.q = searchText(parameters.get('q'));
  view.seed = text('seed').slice(0, longestSeed);
  for (const name of listNames) {
    view[name] = text(name)
      .split(',')
      .filter((word) => word !== '' && word.length <= lists[name]);
  }
  for (const name of boundNames) {
    const bound = text(name).trim();
    if (bound !== '' && Number.isFinite(Number(bound))) view.bounds[name] = Number(bound);
  }
  view.decided_by = text('decided_by').slice(0, longestActor);
  for (const name of moments) if (isMoment(text(name))) view[name] = text(name);
  const page = Number(parameters.get('page'));
  if (Number.isInteger(page) && page > 1 && page * listLimit <= maximumOffset) view.offset = (page - 1) * listLimit;
  const offset = Number(parameters.get('offset'));
  if (Number.isInteger(offset) && offset > 0 && offset <= maximumOffset) view.offset = offset;
  const cursor = text('cursor');
  if (cursor !== '' && cursor.length <= longestCursor) view.cursor = cursor;
  return view;
}

/** The URL's parameters for a view; what is as usual is left out. */
export function writeView(view: TrainingView): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of Object.keys(words) as (keyof typeof words)[]) {
    if (view[name] !== defaults[name]) parameters.set(name, view[name]);
  }
  if (view.q) parameters.set('q', view.q);
  for (const name of listNames) if (view[name].length > 0) parameters.set(name, view[name].join(','));
  for (const [name, value] of Object.entries(view.bounds)) parameters.set(name, String(value));
  for (const name of ['decided_by', ...moments] as const) if (view[name]) parameters.set(name, view[name]);
  if (view.order === 'random' && view.seed) parameters.set('seed', view.seed);
  if (view.offset % listLimit !== 0) parameters.set('offset', String(view.offset));
  else if (view.offset > 0) parameters.set('page', String(view.offset / listLimit + 1));
  if (view.cursor !== null) parameters.set('cursor', view.cursor);
  return parameters;
}

type Query = NonNullable<QueryOf<typeof listTraining>>;

/** Which titles a view shows, as the API takes it. */
export function filterOf(view: TrainingView): Query {
  const { media_type, reviewed, label, anomalous, q, genre, origin_country, original_language, bounds } = view;
  const { decided_by, decided_at_min, decided_at_max } = view;
  return {
    ...(media_type === 'all' ? {} : { media_type }),
    ...(reviewed === 'all' ? {} : { reviewed: reviewed === 'true' }),
    ...(label === 'all' ? {} : { label }),
    ...(anomalous === 'all' ? {} : { anomalous: anomalous === 'true' }),
    ...(q.trim() ? { q: q.trim() } : {}),
    ...(genre.length > 0 ? { genre } : {}),
    ...(origin_country.length > 0 ? { origin_country } : {}),
    ...(original_language.length > 0 ? { original_language } : {}),
    ...bounds,
    ...(decided_by ? { decided_by } : {}),
    ...(decided_at_min ? { decided_at_min } : {}),
    ...(decided_at_max ? { decided_at_max } : {}),
  };
}

/** The API's query for a view; pages are the caller's business. */
export function queryOf(view: TrainingView): Query {
  const { order, seed } = view;
  return {
    ...filterOf(view),
    ...orders[order].query,
    ...(order === 'random' && seed ? { seed } : {}),
    include: 'prediction',
  };
}

/** The default backlog, in the order and view that are set. */
export function backlogOf(view: TrainingView): TrainingView {
  return { ...defaults, view: view.view, order: view.order, seed: view.seed, bounds: {} };
}

/** Everything but filters stays. */
export function withoutFilters(view: TrainingView): TrainingView {
  return { ...backlogOf(view), media_type: 'all', reviewed: 'all' };
}

/** The filter in words, such as `unreviewed movies, matching "alien", Drama or Crime, from 1990`. */
export function describeView(view: TrainingView): string {
  const { described } = trainingTexts;
  const parts = [
    `${described.reviewed[view.reviewed]} ${described.media_type[view.media_type]}`,
    view.q.trim() && described.matching(view.q.trim()),
    described.label[view.label],
    described.anomalous[view.anomalous],
    view.genre.join(described.or),
    view.origin_country.map((code) => formatCountry(code.toUpperCase())).join(described.or),
    view.original_language.map((code) => formatLanguage(code.toLowerCase())).join(described.or),
    ...trainingRanges.map((column) => {
      const { [`${column}_min` as const]: min, [`${column}_max` as const]: max } = view.bounds;
      const name = column === 'release_year' ? '' : `${formatWord(column)} `;
      if (min !== undefined && max !== undefined) return name + described.between(min, max);
      if (min !== undefined) return name + described.from(min);
      return max !== undefined && name + described.upTo(max);
    }),
    view.decided_by && described.decidedBy(isolate(view.decided_by)),
    view.decided_at_min && described.decidedFrom(formatMoment(view.decided_at_min)),
    view.decided_at_max && described.decidedTo(formatMoment(view.decided_at_max)),
  ];
  return parts.filter(Boolean).join(', ');
}

/** How many filters differ from showing everything, for the filter button. */
export function countFilters(view: TrainingView): number {
  const { offset: _offset, cursor: _cursor, view: _view, order: _order, seed: _seed, ...filters } = view;
  const all = withoutFilters(view);
  return Object.entries(filters).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(all[name as keyof TrainingView]),
  ).length;
}

/** Names what is gone through, so that a session is taken up again only for the same titles in the same order. */
export function passOf(view: TrainingView): string {
  return writeView({ ...view, view: 'review', ...firstPage }).toString();
}

/** What a view that begins at its first title says of paging. */
export const firstPage = { offset: 0, cursor: null } satisfies Partial<TrainingView>;

/** By a cursor a page can begin behind the first title without any before it that is still in the filter. */
export const isFirstPage = ({ offset, cursor }: TrainingView) => offset === 0 && cursor === null;

/** The list's page behind the one that shows these rows. Those that have left the filter no longer come before it. */
export function nextPage(view: TrainingView, rows: TrainingRow[], cursor: string | null): Partial<TrainingView> {
  const staying = rows.filter((row) => matchesFlags(view, row)).length;
  return { offset: view.offset + staying, cursor };
}

export function previousPage(view: TrainingView): Partial<TrainingView> {
  return { offset: Math.max(0, view.offset - listLimit), cursor: null };
}

/** Whether a title still is what the filter asks for, of what people change: its flags. */
export function matchesFlags(view: TrainingView, { label, reviewed, anomalous }: TrainingRow): boolean {
  return (
    (view.reviewed === 'all' || (view.reviewed === 'true') === (reviewed === true)) &&
    (view.label === 'all' || view.label === (label ?? 'none')) &&
    (view.anomalous === 'all' || (view.anomalous === 'true') === anomalous)
  );
}
