import type { QueryOf } from '@at/contracts/endpoint';
import { type exportMedia, type listMedia, type MediaRow, type MediaSort, mediaSorts } from '@at/contracts/media';
import { maximumOffset } from '@at/contracts/paging';
import {
  type MediaType,
  mediaTypes,
  type PipelineStatus,
  pipelineStatuses,
  type RejectionStatus,
  rejectionStatuses,
  rssSources,
} from '@at/contracts/vocabulary';
import { formatMoment } from '#ui/format.ts';
import { isMoment } from '#ui/iso-time.ts';
import { searchText } from '#ui/search-text.ts';
import { mediaTexts as texts } from './texts.ts';

/** What the page shows, as its URL says it; the parameters are named as the API names them. */
export type MediaView = {
  view: 'table' | 'board';
  q: string;
  pipeline_status: PipelineStatus[];
  error_status: 'all' | 'true' | 'false';
  rejection_status: RejectionStatus | 'all';
  media_type: MediaType | 'all';
  rss_source: (typeof rssSources)[number][];
  release_year_min: number | null;
  release_year_max: number | null;
  /** Changed at this moment or later, as the API takes it; null: whenever. */
  updated_at_min: string | null;
  deleted: 'exclude' | 'only' | 'include';
  sort_by: MediaSort;
  sort_order: 'asc' | 'desc';
  /** Rows before the first one of the page. */
  offset: number;
  /** Where the page begins, exact also when rows before it have left the filter; null: at the offset. */
  cursor: string | null;
  /** Rows a page. */
  limit: number;
};

/** The statuses in which Transmission has the item's torrent. */
export const inTransmission: readonly PipelineStatus[] = ['downloading', 'downloaded', 'transferred'];

export const pageSizes = [20, 50, 100, 200] as const;

export const defaults: MediaView = {
  view: 'table',
  q: '',
  pipeline_status: [],
  error_status: 'all',
  rejection_status: 'all',
  media_type: 'all',
  rss_source: [],
  release_year_min: null,
  release_year_max: null,
  updated_at_min: null,
  deleted: 'exclude',
  sort_by: 'updated_at',
  sort_order: 'desc',
  offset: 0,
  cursor: null,
  limit: pageSizes[0],
};

const words = {
  view: ['table', 'board'],
  error_status: ['all', 'true', 'false'],
  rejection_status: ['all', ...rejectionStatuses],
  media_type: ['all', ...mediaTypes],
  deleted: ['exclude', 'only', 'include'],
  sort_by: mediaSorts,
  sort_order: ['asc', 'desc'],
} satisfies { [K in keyof MediaView]?: readonly MediaView[K][] };
const wordNames = Object.keys(words) as (keyof typeof words)[];

const lists = { pipeline_status: pipelineStatuses, rss_source: rssSources } as const;
const listNames = Object.keys(lists) as (keyof typeof lists)[];

export const years = { min: 1850, max: 2100 };
const bounds = ['release_year_min', 'release_year_max'] as const;
const longestCursor = 10_000;

/** The view that the parameters of the URL describe; what is not understood counts as absent. */
export function readView(parameters: URLSearchParams): MediaView {
  const view: MediaView = { ...defaults };
  for (const name of wordNames) {
    const value = parameters.get(name);
    if (value !== null && (words[name] as readonly string[]).includes(value)) Object.assign(view, { [name]: value });
  }
  for (const name of listNames) {
    const asked = (parameters.get(name) ?? '').split(',');
    // In the order of the vocabulary, so that one filter has one address.
    Object.assign(view, { [name]: lists[name].filter((word) => asked.includes(word)) });
  }
  // Nothing that is stored holds the character 0, and the API refuses it.
  const text = (name: string) => (parameters.get(name) ?? '').replaceAll('\0', '');
  view.q = searchText(parameters.get('q'));
  for (const name of bounds) {
    const bound = text(name).trim();
    if (bound !== '' && Number.isFinite(Number(bound))) view[name] = Number(bound);
  }
  const since = text('updated_at_min');
  if (isMoment(since)) view.updated_at_min = since;
  const limit = Number(parameters.get('limit'));
  if ((pageSizes as readonly number[]).includes(limit)) view.limit = limit;
  const page = Number(parameters.get('page'));
  if (Number.isInteger(page) && page > 1 && page * view.limit <= maximumOffset) view.offset = (page - 1) * view.limit;
  const offset = Number(parameters.get('offset'));
  if (Number.isInteger(offset) && offset > 0 && offset <= maximumOffset) view.offset = offset;
  const cursor = text('cursor');
  if (cursor !== '' && cursor.length <= longestCursor) view.cursor = cursor;
  return view;
}

/** The URL's parameters for a view; what is as usual is left out. */
export function writeView(view: MediaView): URLSearchParams {
  const parameters = new URLSearchParams();
  if (view.q) parameters.set('q', view.q);
  for (const name of listNames) if (view[name].length > 0) parameters.set(name, view[name].join(','));
  for (const name of wordNames) if (view[name] !== defaults[name]) parameters.set(name, view[name]);
  for (const name of bounds) if (view[name] !== null) parameters.set(name, String(view[name]));
  if (view.updated_at_min !== null) parameters.set('updated_at_min', view.updated_at_min);
  if (view.limit !== defaults.limit) parameters.set('limit', String(view.limit));
  if (view.offset % view.limit !== 0) parameters.set('offset', String(view.offset));
  else if (view.offset > 0) parameters.set('page', String(view.offset / view.limit + 1));
  if (view.cursor !== null) parameters.set('cursor', view.cursor);
  return parameters;
}

/** What a list, an export and a bulk change are narrowed to. */
export function filterOf(view: MediaView): Omit<NonNullable<QueryOf<typeof exportMedia>>, 'format'> {
  const { q, pipeline_status, error_status, rejection_status, media_type, rss_source, deleted } = view;
  return {
    ...(q.trim() ? { q: q.trim() } : {}),
    ...(pipeline_status.length > 0 ? { pipeline_status } : {}),
    ...(error_status === 'all' ? {} : { error_status: error_status === 'true' }),
    ...(rejection_status === 'all' ? {} : { rejection_status }),
    ...(media_type === 'all' ? {} : { media_type }),
    ...(rss_source.length > 0 ? { rss_source } : {}),
    ...(view.release_year_min === null ? {} : { release_year_min: view.release_year_min }),
    ...(view.release_year_max === null ? {} : { release_year_max: view.release_year_max }),
    ...(view.updated_at_min === null ? {} : { updated_at_min: view.updated_at_min }),
    ...(deleted === 'exclude' ? {} : { deleted }),
  };
}

/** The API's query for a view; pages are the caller's business. */
export function queryOf(view: MediaView): NonNullable<QueryOf<typeof listMedia>> {
  return { ...filterOf(view), sort_by: view.sort_by, sort_order: view.sort_order };
}

/** Every active item, shown the way it is now. */
export function withoutFilters({ view, sort_by, sort_order, limit }: MediaView): MediaView {
  return { ...defaults, view, sort_by, sort_order, limit };
}

/** Another column begins with the order people look for first; the same column turns round. */
export function sortBy(view: MediaView, column: MediaSort): MediaView {
  const first = column === 'media_title' ? 'asc' : 'desc';
  const turned = view.sort_order === 'asc' ? 'desc' : 'asc';
  return { ...view, ...firstPage, sort_by: column, sort_order: view.sort_by === column ? turned : first };
}

/** What a view that begins at its first item says of paging. */
export const firstPage = { offset: 0, cursor: null } satisfies Partial<MediaView>;

/** By a cursor a page can begin behind the first item without any before it that is still in the filter. */
export const isFirstPage = ({ offset, cursor }: MediaView) => offset === 0 && cursor === null;

/** Whether an item still is what the filter asks for, of what people change. */
function stillMatches(view: MediaView, item: MediaRow): boolean {
  const { pipeline_status: statuses } = view;
  return (
    (statuses.length === 0 || statuses.includes(item.pipeline_status)) &&
    (view.error_status === 'all' || (view.error_status === 'true') === item.error_status) &&
    (view.rejection_status === 'all' || view.rejection_status === item.rejection_status) &&
    (view.deleted === 'include' || (view.deleted === 'only') === (item.deleted_at != null))
  );
}

/** The page behind the one that shows these rows. Those that have left the filter no longer come before it. */
export function nextPage(view: MediaView, rows: readonly MediaRow[], cursor: string | null): Partial<MediaView> {
  return { offset: view.offset + rows.filter((row) => stillMatches(view, row)).length, cursor };
}

export function previousPage(view: MediaView): Partial<MediaView> {
  return { offset: Math.max(0, view.offset - view.limit), cursor: null };
}

/** Whether these are just the statuses in which Transmission has the torrent. */
export const isInTransmission = ({ pipeline_status }: MediaView) =>
  pipeline_status.length === inTransmission.length &&
  inTransmission.every((status) => pipeline_status.includes(status));

/** The filter in words, such as `movies, downloading or downloaded, in error, matching "alien"`. */
export function describeView(view: MediaView): string {
  const { release_year_min: from, release_year_max: to } = view;
  const parts = [
    texts.typePlural[view.media_type],
    isInTransmission(view)
      ? texts.inTransmission
      : view.pipeline_status.map((status) => texts.status[status].name).join(texts.or),
    { all: '', true: texts.inError, false: texts.notInError }[view.error_status],
    view.rejection_status !== 'all' && texts.rejection[view.rejection_status].name,
    view.rss_source.length > 0 && texts.fromSources(view.rss_source.join(texts.or)),
    (from !== null || to !== null) && texts.yearRange(from, to),
    view.updated_at_min !== null && texts.changedSince(formatMoment(view.updated_at_min)),
    { exclude: '', only: texts.deletedOnly, include: texts.deletedToo }[view.deleted],
    view.q.trim() && texts.matching(view.q.trim()),
  ];
  return parts.filter(Boolean).join(', ');
}

/** How many filters narrow the list. */
export const countFilters = (view: MediaView) => Object.keys(filterOf(view)).length;
