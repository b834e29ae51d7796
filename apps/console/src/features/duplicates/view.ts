import {
  type DuplicateFilters,
  duplicateKinds,
  duplicateSorts,
  keeperStatuses,
  type listDuplicates,
} from '@at/contracts/duplicates';
import type { QueryOf } from '@at/contracts/endpoint';
import { choice, defineView, flag, knownWords, offset, search, type ViewOf } from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { formatBytes } from '#ui/format.ts';
import { duplicatesTexts as texts } from './texts.ts';

/** Sets a page. */
export const pageSize = 20;

const savings = ['0', '1000000', '100000000', '1000000000'] as const;

export const duplicatesView = defineView({
  fields: {
    q: search(),
    kind: knownWords(duplicateKinds),
    status: knownWords(keeperStatuses),
    moved: flag(),
    /** Bytes that a set takes, at least. */
    saving: { ...choice(savings, '0'), none: '0', param: () => undefined },
    /** A file of the set that is shown alone. */
    file: search(20),
    sort_by: choice(duplicateSorts, 'saving'),
    offset: offset(pageSize),
  },
  paging: ['offset'],
  title: () => texts.items,
  descriptions: {
    kind: (given) => given.length > 0 && texts.words.kind(given.map((kind) => texts.kinds[kind]).join(listsTexts.or)),
    status: (given) =>
      given.length > 0 &&
      texts.words.status([...new Set(given.map((status) => texts.statuses[status]))].join(listsTexts.or)),
    moved: (value) => value !== 'all' && texts.words.moved[value],
    saving: (value) => value !== '0' && texts.words.saving(formatBytes(Number(value))),
    file: (value) => value.trim() !== '' && texts.words.set,
    q: (q) => q.trim() && listsTexts.matching(q.trim()),
  },
});
export type DuplicatesView = ViewOf<typeof duplicatesView>;

/** The filters, as the API names them. */
function filterOf(view: DuplicatesView): DuplicateFilters {
  const { q, file: _, ...others } = duplicatesView.filter(view);
  const id = Number(view.file);
  return {
    ...others,
    ...(view.saving !== '0' && { saving_min: Number(view.saving) }),
    ...(Number.isSafeInteger(id) && id > 0 && { id: [id], files_per_set: 1_000 }),
    ...(q && { search: q }),
  };
}

/** The API's query for a view, without its page. */
export const queryOf = (view: DuplicatesView): NonNullable<QueryOf<typeof listDuplicates>> => ({
  ...filterOf(view),
  sort_by: view.sort_by,
});
