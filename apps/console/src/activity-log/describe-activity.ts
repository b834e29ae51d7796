import type { Activity } from '@at/contracts/activity';
import { listMedia } from '@at/contracts/media';
import { listTraining } from '@at/contracts/training';
import { call } from '#api/call.ts';
import { readByIds } from '#api/read-by-ids.ts';
import { describeLabelAct } from '#titles/texts.ts';
import { titleAddress, titleList } from '#titles/title-address.ts';
import { formatInteger, timeOf } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { activityTexts as texts, type Words } from './texts.ts';

/** A change, as the text before and after the name of what it changed. */
type ActivityText = {
  before: string;
  /** What was changed; null: too many to name, so that no page shows just these. */
  id: string | null;
  /** Shown if there is no name. */
  others: string;
  after: string;
  /** The page that shows it. */
  to: string;
  /** The list of the others, latest change first. */
  othersTo: string;
};

const isMedia = ({ type }: Activity) => type === 'media.changed';
const idsOf = (row: Activity) => (isMedia(row) ? row.hashes : row.imdb_ids);

/** The one that stands for all: the same of each change of the same rows, in any order of writing. */
const headOf = (row: Activity) => idsOf(row)?.toSorted()[0] ?? null;

export type NamedActivity = {
  rows: Activity[];
  /** Names of titles and items, by IMDb id and hash. */
  names: Map<string, string>;
};

/** Loads the names of titles and items. If that fails, the ids are shown. */
export async function nameActivity(rows: Activity[], signal: AbortSignal): Promise<NamedActivity> {
  const firstIds = (wanted: Activity[]) => [...new Set(wanted.flatMap((row) => (row.file ? [] : (headOf(row) ?? []))))];
  const query = (ids: string[]) => ({ limit: ids.length, count: 'none' }) as const;
  const [titles, items] = await Promise.allSettled([
    readByIds(firstIds(rows.filter((row) => !isMedia(row))), async (imdb_id) => {
      return (await call(listTraining, { query: { ...query(imdb_id), imdb_id }, signal })).data.data;
    }),
    readByIds(firstIds(rows.filter(isMedia)), async (hash) => {
      return (await call(listMedia, { query: { ...query(hash), hash, deleted: 'include' }, signal })).data.data;
    }),
  ]);
  const names = new Map<string, string>();
  for (const title of titles.status === 'fulfilled' ? titles.value : []) {
    if (title.media_title.trim()) names.set(title.imdb_id, title.media_title);
  }
  for (const item of items.status === 'fulfilled' ? items.value : []) {
    const name = item.media_title?.trim() ? item.media_title : item.original_title;
    if (name.trim()) names.set(item.hash, name);
  }
  return { rows, names };
}

/** A row, and the number of further rows of the same bulk change, with their ids, or of files with the same action. */
export type Entry = { row: Activity; repeats: number; ids?: string[]; files?: Activity[] };

/** Actions of workers, who do one file after the other: one entry. What people do is an entry each. */
const ofWorkers: ReadonlySet<string> = new Set(['found', 'completed', 'failed']);
/** Two files of an entry are less than this apart, in milliseconds. */
const apart = 30 * 60_000;

/** Joins consecutive rows of one bulk change into one entry, and files that workers found, completed or failed to process. */
export function withoutRepeats(rows: Activity[]): Entry[] {
  const entries: Entry[] = [];
  for (const row of rows) {
    if (row.file) {
      const { action } = row.file;
      const same = ofWorkers.has(action) && entries.findLast(({ row: other }) => other.file?.action === action);
      const earliest = same ? same.files?.at(-1) : undefined;
      if (same && earliest && timeOf(earliest.at) - timeOf(row.at) < apart) {
        same.repeats += 1;
        same.files?.push(row);
      } else entries.push({ row, repeats: 0, files: [row] });
      continue;
    }
    const last = entries.at(-1);
    const isSame = last && row.operation_id !== null && row.operation_id === last.row.operation_id;
    if (isSame && row.type === last.row.type) {
      last.repeats += 1;
      last.ids = [...(last.ids ?? idsOf(last.row) ?? []), ...(idsOf(row) ?? [])];
      if ((headOf(row) ?? '') < (headOf(last.row) ?? '')) last.row = { ...row, at: last.row.at };
    } else entries.push({ row, repeats: 0 });
  }
  return entries;
}

/** How many items a change that is too large to name has at least. */
const tooMany = 100;

/**
 * How many titles, media items, files and runs the entries are about, each once; those of acts on many files count as many as
 * they were. `isLeast`: of some it is not known which they were.
 */
export function countItems(entries: readonly Entry[]): { items: number; isLeast: boolean } {
  const all = new Set<string>();
  let [others, isLeast] = [0, false];
  for (const { row, ids = idsOf(row), files = [] } of entries) {
    for (const { file } of files) {
      if (file?.item_id != null) all.add(`file ${file.item_id}`);
      else others += file?.count ?? 1;
    }
    if (files.length > 0) continue;
    for (const id of ids ?? []) all.add(id);
    if (ids === null) others += tooMany;
    isLeast ||= ids === null;
  }
  return { items: all.size + others, isLeast };
}

/** What an action did, as the text before and after the name of the title or item; undefined: no action of this API. */
export function actionWords(
  kind: 'label' | 'media',
  action: string | null | undefined,
  changes: readonly { field: string }[] = [],
): Words | undefined {
  if (!action) return undefined;
  if (kind === 'media') return known<Words>(texts.media, action);
  const words = describeLabelAct(action, changes);
  if (!words) return undefined;
  const [act, link, after] = words;
  return [link ? `${act} ${link}` : act, after];
}

function textsOf({ type, operation, label, media_action }: Activity): Words {
  const words = label ? actionWords('label', label.action, label.changes) : actionWords('media', media_action);
  if (words) return words;
  const outside = type === 'prediction.changed' ? texts.prediction : texts.outside;
  return [outside[operation ?? 'update'], ''];
}

export function describeActivity({ row, repeats }: Entry): ActivityText {
  const [before, after] = textsOf(row);
  const ids = idsOf(row);
  const id = headOf(row);
  const more = repeats + (ids?.length ?? 0) - 1;
  const page = isMedia(row) ? '/media' : row.type === 'prediction.changed' ? '/predictions' : '/training';
  return {
    before,
    after,
    id,
    others:
      id === null
        ? isMedia(row)
          ? texts.manyItems
          : texts.manyTitles
        : more > 0
          ? texts.others(more, formatInteger(more))
          : '',
    othersTo:
      row.operation_id === null
        ? page === '/training'
          ? titleList
          : page
        : `/activity/${row.operation_id}?tab=operations`,
    to: id === null ? page : isMedia(row) ? `/media/${id}` : titleAddress(id),
  };
}

export const actorOf = ({ actor }: Activity) => (actor === 'database' ? texts.database : actor);
