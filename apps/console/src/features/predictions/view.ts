import type { QueryOf } from '@at/contracts/endpoint';
import type { FlagValues } from '@at/contracts/labels';
import { cellFilters, type listMovies, type MovieRow } from '@at/contracts/movies';
import { agreementPeriods, type EvaluationQuery, sliceDimensions } from '@at/contracts/predictions';
import type { CmValue, WordOf } from '@at/contracts/vocabulary';
import {
  choice,
  defineView,
  describeRanges,
  flag,
  number,
  ranges,
  search,
  type ViewOf,
  valuesUpTo,
  word,
} from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { matrixTexts } from '#titles/confusion-matrix.texts.ts';
import { matchesFlags } from '#titles/matches-flags.ts';
import { scaleOf } from '#titles/radar.ts';
import { formatCountry, formatLanguage } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { cellAt } from './evaluation.ts';
import { predictionTexts as texts } from './texts.ts';

const orderQueries = {
  likely: { sort_by: 'probability', sort_order: 'desc' },
  unlikely: { sort_by: 'probability', sort_order: 'asc' },
  uncertain: { order: 'uncertain' },
  disagree: { order: 'disagree' },
} as const;
export type Order = keyof typeof orderQueries;
export const orders = Object.keys(orderQueries) as Order[];

/** The tabs below the matrix. */
export const tabs = ['titles', 'curves', 'calibration', 'slices', 'agreement'] as const;
export type Tab = (typeof tabs)[number];

const pageRows = 20;
/** The most rows that a reload loads again. */
const mostRows = 20_000;
export const costs = { min: 0.01, max: 100 };
const columns = ['release_year', 'imdb_rating'] as const;

/** Rounded to thousandths, like the histogram; undefined: not a probability. */
export function readThreshold(text: string | number): number | undefined {
  const value = text === '' ? Number.NaN : Number(text);
  return value >= 0 && value <= 1 ? Math.round(value * 1000) / 1000 : undefined;
}

const typesName = (type: string) => known(texts.types, type) ?? type;
const or = (names: string[]) => names.join(listsTexts.or);

export const predictionsView = defineView({
  fields: {
    media_type: word('movie'),
    reviewed: flag(),
    anomalous: flag(),
    label: word(),
    /** Cells of the current labels at the threshold, or as the model stored them. */
    cells: choice(['computed', 'recorded'], 'computed'),
    cell: word('errors'),
    order: choice(orders, 'disagree'),
    tab: choice(tabs, 'titles'),
    /** The dimension of the slices. */
    by: choice(sliceDimensions, 'genre'),
    /** The periods of the agreement. */
    period: choice(agreementPeriods, 'week'),
    q: search(),
    genre: valuesUpTo(40),
    origin_country: valuesUpTo(2),
    original_language: valuesUpTo(2),
    bounds: ranges(columns),
    /** Up to three decimals; null: the downloader's. */
    threshold: number(null, readThreshold),
    /** How many false negatives one false positive costs. */
    cost: number(1, (given) => (given >= costs.min && given <= costs.max ? given : undefined)),
    /** How many labelled titles a slice must have. */
    minimum: number(20, (given) => (Number.isInteger(given) && given >= 1 ? Math.min(1e6, given) : undefined)),
    /** How many rows of the list are loaded. */
    rows: number(pageRows, (given) =>
      Number.isInteger(given) && given > pageRows ? Math.min(mostRows, given) : undefined,
    ),
  },
  paging: ['rows'],
  title: ({ media_type }) => typesName(media_type),
  inTitle: { media_type: (type) => type !== 'all' && typesName(type) },
  descriptions: {
    cell: (cell, { cells }) => cell !== 'all' && (known(texts.cellFilter[cells], cell) ?? texts.otherCell(cell)),
    reviewed: (reviewed) => texts.reviewedFilter[reviewed],
    anomalous: (anomalous) => texts.anomalousFilter[anomalous],
    label: (label) => known(texts.labelFilter, label) ?? texts.otherLabel(label),
    q: (q) => q.trim() && listsTexts.matching(q.trim()),
    genre: or,
    origin_country: (codes) => or(codes.map((code) => formatCountry(code.toUpperCase()))),
    original_language: (codes) => or(codes.map((code) => formatLanguage(code.toLowerCase()))),
    bounds: (bounds) =>
      describeRanges(
        bounds,
        columns,
        (column, range) => (column === 'imdb_rating' ? texts.imdbRating(range) : range),
        scaleOf,
      ),
  },
});
export type PredictionsView = ViewOf<typeof predictionsView>;
export const {
  read: readView,
  write: writeView,
  describe: describeView,
  activeFilters,
  withoutFilters,
} = predictionsView;

/** The scope of matrix, measures and charts. */
export function scopeOf({ media_type, reviewed, anomalous }: PredictionsView): EvaluationQuery {
  return predictionsView.filter({ ...withoutFilters(predictionsView.initial), media_type, reviewed, anomalous });
}

const atThreshold = ({ threshold }: PredictionsView) => (threshold === null ? {} : { threshold });

export function evaluationQuery(view: PredictionsView): EvaluationQuery {
  return { ...scopeOf(view), ...atThreshold(view) };
}

/** Whether the filter is of the cell that the model stored: other words are stored ones alone. */
const isOfRecord = ({ cells, cell }: PredictionsView) =>
  cells === 'recorded' || !cellFilters.some((value) => value === cell);

/** The filters of the list as the API's parameters. */
function filterOf(view: PredictionsView) {
  const { cell, ...filter } = predictionsView.filter(view);
  if (cell === undefined) return filter;
  if (isOfRecord(view)) return { ...filter, cm_value: cell };
  return { ...filter, cell: cell as (typeof cellFilters)[number], ...atThreshold(view) };
}

type Title = FlagValues & Pick<MovieRow, 'probability' | 'cm_value'>;

/** Whether a title still matches the filters of what users and the model change; the threshold is that of the rows. */
export function stillMatches(view: PredictionsView, threshold: number | undefined, title: Title): boolean {
  const { cell } = view;
  const isIn = (found: WordOf<CmValue> | null) =>
    cell === 'errors' ? found === 'fp' || found === 'fn' : found === cell;
  if (!matchesFlags(view, title)) return false;
  if (cell === 'all') return true;
  if (isOfRecord(view)) return isIn(title.cm_value);
  return threshold === undefined || isIn(cellAt(title.label, title.probability, threshold));
}

/** The API's query for the list, without its length. */
export function listQuery(view: PredictionsView): NonNullable<QueryOf<typeof listMovies>> {
  return { ...filterOf(view), ...orderQueries[view.order], ...(view.order === 'disagree' && atThreshold(view)) };
}

/** The filter of a bulk change of every title in the list: only those with a prediction. */
export const bulkFilter = (view: PredictionsView) => ({ ...filterOf(view), probability_min: 0 });

/**
 * The view with a slice as the filter of the list, where `filter` is the query string of the slice. Filters that slices
 * do not apply, such as a search, are removed, so that the list holds the whole slice.
 */
export function openSlice(view: PredictionsView, filter: string): PredictionsView {
  const { media_type, reviewed, anomalous } = view;
  const { genre, origin_country, original_language, bounds } = readView(new URLSearchParams(filter));
  const slice = { genre, origin_country, original_language, bounds };
  return { ...withoutFilters(view), q: '', media_type, reviewed, anomalous, ...slice, tab: 'titles' };
}

/** Whether a filter is set that matrix and charts do not apply. */
export const narrowsListAlone = (view: PredictionsView) =>
  view.q.trim() !== '' ||
  activeFilters({ ...view, media_type: 'all', cell: 'all', reviewed: 'all', anomalous: 'all' }).length > 0;

/** The scope of matrix and charts in words. */
export function describeScope({ media_type, reviewed, anomalous }: PredictionsView): string {
  const parts = [
    matrixTexts.scope(typesName(media_type)),
    texts.reviewedFilter[reviewed],
    texts.anomalousFilter[anomalous],
  ];
  return parts.filter(Boolean).join(', ');
}
