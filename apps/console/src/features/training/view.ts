import type { QueryOf } from '@at/contracts/endpoint';
import { type listTraining, type TrainingRow, trainingRanges } from '@at/contracts/training';
import {
  choice,
  cursor,
  defineOffsetPages,
  defineView,
  describeRanges,
  flag,
  moment,
  offset,
  ranges,
  search,
  text,
  type ViewOf,
  valuesUpTo,
  word,
} from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { matchesFlags } from '#titles/matches-flags.ts';
import { ratingName, scaleOf } from '#titles/radar.ts';
import { formatCountry, formatLanguage, formatMoment, formatName, isolate } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { trainingTexts } from './texts.ts';

const { described } = trainingTexts;

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

/** Orders whose places tell what the model says. */
export const tellingOrders: readonly Order[] = ['uncertain', 'disagree', 'likely', 'unlikely'];
/** Filters that tell it, or the label: by field or column. */
export const tellingFilters: readonly string[] = ['label', 'probability'];

export const listLimit = 20;

const or = (names: string[]) => names.join(listsTexts.or);

export const trainingView = defineView({
  fields: {
    view: choice(['review', 'list'], 'review'),
    media_type: word('movie'),
    reviewed: flag('false'),
    label: word(),
    anomalous: flag(),
    order: choice(Object.keys(orders) as Order[], 'newest'),
    q: search(),
    genre: valuesUpTo(40),
    origin_country: valuesUpTo(2),
    original_language: valuesUpTo(2),
    bounds: ranges(trainingRanges),
    decided_by: search(),
    decided_at_min: moment(),
    decided_at_max: moment(),
    decided_undone: flag(),
    decided_in_bulk: flag(),
    /** The seed of a random order. */
    seed: text(64),
    offset: offset(listLimit),
    cursor: cursor(),
  },
  paging: ['offset', 'cursor'],
  title: ({ reviewed, media_type }) =>
    `${described.reviewed[reviewed]} ${known(described.media_type, media_type) ?? media_type}`,
  inTitle: {
    reviewed: (reviewed) => reviewed !== 'all' && described.reviewed[reviewed],
    media_type: (type) => type !== 'all' && (known(described.media_type, type) ?? type),
  },
  descriptions: {
    q: (q) => q.trim() && listsTexts.matching(q.trim()),
    label: (label) => known(described.label, label) ?? label,
    anomalous: (anomalous) => described.anomalous[anomalous],
    genre: or,
    origin_country: (codes) => or(codes.map((code) => formatCountry(code.toUpperCase()))),
    original_language: (codes) => or(codes.map((code) => formatLanguage(code.toLowerCase()))),
    bounds: (bounds) =>
      describeRanges(
        bounds,
        trainingRanges,
        (column, range) => (column === 'release_year' ? range : `${ratingName(column) ?? formatName(column)} ${range}`),
        scaleOf,
      ),
    decided_by: (actor) => actor && described.decidedBy(isolate(actor)),
    decided_at_min: (at) => at && described.decidedFrom(formatMoment(at)),
    decided_at_max: (at) => at && described.decidedTo(formatMoment(at)),
    decided_undone: (undone) => described.undone[undone],
    decided_in_bulk: (inBulk) => inBulk === 'true' && described.inBulk,
  },
});
export type TrainingView = ViewOf<typeof trainingView>;
export const { read: readView, write: writeView, filter: filterOf, describe: describeView } = trainingView;

type Query = NonNullable<QueryOf<typeof listTraining>>;

/** The API's query for a view, without its page. */
export function queryOf(view: TrainingView): Query {
  const { order, seed } = view;
  return {
    ...filterOf(view),
    ...orders[order].query,
    ...(order === 'random' && seed ? { seed } : {}),
    include: 'prediction',
  };
}

/** The default backlog, with the current order and view. */
export const backlogOf = ({ view, order, seed }: TrainingView): TrainingView => ({
  ...trainingView.initial,
  view,
  order,
  seed,
});

const backlogFilters = { media_type: trainingView.initial.media_type, reviewed: trainingView.initial.reviewed };

/** Whether only titles of the backlog are shown, with or without other filters. */
export const isWithinBacklog = ({ media_type, reviewed }: TrainingView) =>
  media_type === backlogFilters.media_type && reviewed === backlogFilters.reviewed;

/** Only titles of the backlog; other filters and the search stay. */
export const withinBacklog = (view: TrainingView): TrainingView => ({ ...view, ...backlogFilters });

/** Only titles of the backlog, or all; other filters and the search stay. */
export const toggleBacklog = (view: TrainingView): TrainingView =>
  isWithinBacklog(view) ? { ...view, media_type: 'all', reviewed: 'all' } : withinBacklog(view);

/** The view without what tells the prediction or the label of its titles. */
export function withoutTelling(view: TrainingView): TrainingView {
  const { probability_min: _min, probability_max: _max, ...bounds } = view.bounds;
  const order = tellingOrders.includes(view.order) ? trainingView.initial.order : view.order;
  return { ...view, order, label: trainingView.initial.label, bounds };
}

/** Identifies the titles of a view and their order: a session resumes only in the same. */
export const passOf = (view: TrainingView) =>
  writeView({ ...view, view: 'review', ...trainingView.firstPage }).toString();

export const { isFirstPage, countLeft, nextPage, previousPage } = defineOffsetPages<TrainingView, TrainingRow>(
  () => listLimit,
  matchesFlags,
);
