import { type FileSort, type FilesQuery, fileDefaultSort, fileSorts, type PipelineFile } from '@at/contracts/files';
import { sortOrders } from '@at/contracts/paging';
import { fileKinds, fileStatuses } from '@at/contracts/vocabulary';
import {
  choice,
  cursor,
  defineOffsetPages,
  defineView,
  knownWords,
  offset,
  search,
  type ViewOf,
  valuesUpTo,
} from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { isolate } from '#ui/format.ts';
import { allFilesTexts as texts } from './texts.ts';

/** Rows a page. */
export const pageSize = 50;

/** The longest id of a folder. */
const longestId = 9;

export const describeStatuses = (given: readonly PipelineFile['status'][]) =>
  given.map((status) => texts.statuses[status]).join(listsTexts.or);
export const describeKinds = (given: readonly PipelineFile['kind'][]) =>
  given.map((kind) => texts.kinds[kind]).join(listsTexts.or);

/** The names of folders by their ids, as they were loaded last. */
export const folderNames = new Map<string, string>();

export const describeFolders = (ids: readonly string[]) =>
  ids.map((id) => isolate(folderNames.get(id) ?? id)).join(listsTexts.or);

export const allFilesView = defineView({
  fields: {
    q: search(),
    status: knownWords(fileStatuses),
    kind: knownWords(fileKinds),
    root: valuesUpTo(longestId),
    sort_by: choice(fileSorts, fileDefaultSort.sort_by),
    sort_order: choice(sortOrders, fileDefaultSort.sort_order),
    offset: offset(pageSize),
    cursor: cursor(),
  },
  paging: ['offset', 'cursor'],
  title: () => texts.files,
  descriptions: {
    status: (given) => given.length > 0 && describeStatuses(given).toLowerCase(),
    kind: (given) => given.length > 0 && describeKinds(given).toLowerCase(),
    root: (given) => given.length > 0 && texts.inFolders(describeFolders(given)),
    q: (q) => q.trim() && listsTexts.matching(q.trim()),
  },
});
export type AllFilesView = ViewOf<typeof allFilesView>;

export const { isFirstPage, nextPage, previousPage } = defineOffsetPages<AllFilesView, PipelineFile>(
  () => pageSize,
  () => true,
);

/** The API's query for a view, without its page. */
export function queryOf(view: AllFilesView): FilesQuery {
  const { q, root = [], ...others } = allFilesView.filter(view);
  const ids = root.map(Number).filter((id) => Number.isInteger(id) && id > 0);
  return {
    ...others,
    ...(q && { search: q }),
    ...(ids.length > 0 && { root: ids }),
    sort_by: view.sort_by,
    sort_order: view.sort_order,
  };
}

/** The same column reverses, another one begins with the latest or the largest. */
export const sortBy = (view: AllFilesView, sort_by: FileSort): AllFilesView => ({
  ...view,
  offset: 0,
  cursor: null,
  sort_by,
  sort_order: view.sort_by === sort_by && view.sort_order === 'desc' ? 'asc' : 'desc',
});
