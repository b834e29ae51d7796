import type { QueryOf } from '@at/contracts/endpoint';
import { filterWord } from '@at/contracts/filter-words';
import { type listMedia, type MediaRow, type MediaSort, mediaSorts } from '@at/contracts/media';
import { sortOrders } from '@at/contracts/paging';
import { approvalStatuses, pipelineStatuses, rssSources } from '@at/contracts/vocabulary';
import {
  anyWords,
  choice,
  cursor,
  defineOffsetPages,
  defineView,
  describeRanges,
  flag,
  moment,
  number,
  offset,
  oneOfOr,
  ranges,
  search,
  type ViewOf,
  word,
} from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { formatMoment } from '#ui/format.ts';
import { mediaTexts as texts } from './texts.ts';

/** The statuses in which Transmission has the item's torrent. */
export const inTransmission: readonly string[] = ['downloading', 'downloaded', 'transferred'];

/** The statuses from the approval to the end of a download: Transmission may have the torrent before the status says so. */
export const downloads: readonly string[] = ['media_accepted', ...inTransmission];

/** The statuses in which an item waits until a person approves it, unless it is in error. */
export const toApprove = approvalStatuses;

/** Groups of statuses that have a name. */
export const statusGroups = { toApprove, downloads };
type StatusGroup = keyof typeof statusGroups;

/** The group that the filter is, exactly. */
export const groupOf = ({ pipeline_status }: { pipeline_status: string[] }) =>
  (Object.keys(statusGroups) as StatusGroup[]).find(
    (name) =>
      pipeline_status.length === statusGroups[name].length &&
      statusGroups[name].every((status) => pipeline_status.includes(status)),
  );

export const pageSizes = [20, 50, 100, 200] as const;

export const mediaView = defineView({
  fields: {
    q: search(),
    pipeline_status: anyWords(pipelineStatuses),
    rss_source: anyWords(rssSources),
    view: choice(['table', 'board'], 'table'),
    error_status: flag(),
    cause: search(300),
    rejection_status: word(),
    media_type: word(),
    deleted: oneOfOr('exclude', ['only', 'include']),
    sort_by: choice(mediaSorts, 'updated_at'),
    sort_order: choice(sortOrders, 'desc'),
    bounds: ranges(['release_year']),
    changed_at_min: moment('updated_at_min'),
    /** Rows a page. */
    limit: number(pageSizes[0], (given) => pageSizes.find((size) => size === given)),
    offset: offset(pageSizes[0]),
    cursor: cursor(),
  },
  paging: ['offset', 'cursor'],
  title: ({ media_type }) => texts.typesName(media_type),
  inTitle: { media_type: (type) => type !== 'all' && texts.typesName(type) },
  descriptions: {
    pipeline_status(statuses, view) {
      const group = groupOf(view);
      return group ? texts.statusGroups[group] : statuses.map(texts.statusName).join(listsTexts.or);
    },
    error_status: (error) => ({ all: '', true: texts.inError, false: texts.notInError })[error],
    cause: (cause) => cause && texts.because(texts.causeName(cause)),
    rejection_status: (rejection) => rejection !== 'all' && texts.rejectionName(rejection),
    rss_source: (sources) => sources.length > 0 && texts.fromSources(sources.join(listsTexts.or)),
    bounds: (bounds) => describeRanges(bounds, ['release_year'], (_year, range) => range),
    changed_at_min: (at) => at && texts.changedSince(formatMoment(at)),
    deleted: (deleted) => ({ exclude: '', only: texts.deletedOnly, include: texts.deletedToo })[deleted],
    q: (q) => q.trim() && listsTexts.matching(q.trim()),
  },
});
export type MediaView = ViewOf<typeof mediaView>;
export const {
  initial: defaults,
  read: readView,
  write: writeView,
  filter: filterOf,
  describe: describeView,
  activeFilters,
} = mediaView;

/** The API's query for a view, without its page. */
export const queryOf = (view: MediaView): NonNullable<QueryOf<typeof listMedia>> => ({
  ...filterOf(view),
  sort_by: view.sort_by,
  sort_order: view.sort_order,
});

/** A new column starts with the order that most users want; the same column reverses. */
export function sortBy(view: MediaView, column: MediaSort): MediaView {
  const first = column === 'media_title' ? 'asc' : 'desc';
  const reversed = view.sort_order === 'asc' ? 'desc' : 'asc';
  return {
    ...view,
    ...mediaView.firstPage,
    sort_by: column,
    sort_order: view.sort_by === column ? reversed : first,
  };
}

/** Filters that have a button: each takes the place of the others, and leaves all other filters and the search. */
const shortcuts = {
  errors: { error_status: 'true' },
  toApprove: { pipeline_status: [...toApprove], error_status: 'false' },
  downloads: { pipeline_status: [...downloads] },
} satisfies Record<string, Partial<MediaView>>;
export type Shortcut = keyof typeof shortcuts;

const isSame = (left: Partial<MediaView>, right: Partial<MediaView>) =>
  JSON.stringify(filterOf({ ...defaults, ...left })) === JSON.stringify(filterOf({ ...defaults, ...right }));

/** Whether its filter is set, with or without others. */
export const isShown = (view: MediaView, name: Shortcut) => isSame(view, { ...view, ...shortcuts[name] });

const names = Object.keys(shortcuts) as Shortcut[];

/** The view without the filters of the buttons that are pressed. */
function withoutShortcuts(view: MediaView): MediaView {
  const pressed = names.filter((name) => isShown(view, name)).flatMap((name) => Object.keys(shortcuts[name]));
  const initial = Object.fromEntries(pressed.map((field) => [field, defaults[field as keyof MediaView]]));
  return { ...view, ...initial, ...(pressed.includes('error_status') && { cause: '' }) };
}

/** This filter in place of those of the other buttons; if it is set, none of them. */
export const toggleShortcut = (view: MediaView, name: Shortcut): MediaView => ({
  ...withoutShortcuts(view),
  ...(isShown(view, name) ? {} : shortcuts[name]),
});

/** Whether the buttons are the only filters: the list of each then has all items that the API counts for it. */
export const showsAll = (view: MediaView) => isSame(withoutShortcuts(view), {});

/** The causes are counted, and tried again, over all errors: not where the list has only some of them. */
export const showsCauses = (view: MediaView) => isSame({ ...view, cause: '' }, shortcuts.errors);

/** Whether an item no longer matches the filters of what users change. */
export const hasLeft = (view: MediaView, item: MediaRow) => !stillMatches(view, item);

/** Whether an item still matches the filters of what users change. */
function stillMatches(view: MediaView, item: MediaRow): boolean {
  const { pipeline_status: statuses } = view;
  return (
    (statuses.length === 0 || statuses.includes(filterWord(item.pipeline_status))) &&
    (view.cause === '' || item.error_status) &&
    (view.error_status === 'all' || (view.error_status === 'true') === item.error_status) &&
    (view.rejection_status === 'all' || view.rejection_status === filterWord(item.rejection_status)) &&
    (view.deleted === 'include' || (view.deleted === 'only') === (item.deleted_at != null))
  );
}

export const { isFirstPage, nextPage, previousPage } = defineOffsetPages(({ limit }: MediaView) => limit, stillMatches);
