import { listFileRoots } from '@at/contracts/file-roots';
import { listMedia } from '@at/contracts/media';
import { listQueue } from '@at/contracts/queue';
import type { Run } from '@at/contracts/runs';
import { listTraining } from '@at/contracts/training';
import { call } from '#api/call.ts';
import { readByIds } from '#api/read-by-ids.ts';
import { createStore } from '#state/store.ts';

type Subject = Pick<Run, 'subject_type' | 'subject_id'>;

/** What runs work on by its type and id; what has no name is shown with its id. */
export type SubjectNames = ReadonlyMap<string, string>;

/** The key of a name. */
export const nameKey = (type: string, id: string) => `${type} ${id}`;

/** Things of one type. */
export const subjectsOf = (type: string, ids: readonly string[]): Subject[] =>
  ids.map((subject_id) => ({ subject_type: type, subject_id }));

async function named<Row>(
  type: string,
  subjects: readonly Subject[],
  read: (ids: string[]) => Promise<Row[]>,
  nameOf: (row: Row) => readonly [id: string, name: string],
): Promise<[string, string][]> {
  const ids = subjects.flatMap(({ subject_type, subject_id }) =>
    subject_type === type && subject_id !== null ? subject_id : [],
  );
  const rows = ids.length > 0 ? await readByIds([...new Set(ids)], read).catch(() => []) : [];
  return rows.map(nameOf).flatMap(([id, name]) => (name.trim() ? [[nameKey(type, id), name]] : []));
}

/** The names of titles and media items, the codes of files in the queue, and the names of folders and batches; without those that cannot be read. */
export async function nameSubjects(subjects: readonly Subject[], signal: AbortSignal): Promise<SubjectNames> {
  const titles = async (imdb_id: string[]) =>
    (await call(listTraining, { query: { imdb_id, limit: imdb_id.length, count: 'none' }, signal })).data.data;
  const media = async (hash: string[]) => {
    const query = { hash, deleted: 'include', limit: hash.length, count: 'none' } as const;
    return (await call(listMedia, { query, signal })).data.data;
  };
  const items = async (ids: string[]) =>
    (await call(listQueue, { query: { id: ids.map(Number), limit: ids.length }, signal })).data.items;
  // The newest, of which runs are.
  const batches = async () => {
    // Pages without runs of batches do without it.
    const { listBatches } = await import('@at/contracts/batches');
    return (await call(listBatches, { query: { limit: 200, count: 'none' }, signal })).data.data;
  };
  const roots = async () => (await call(listFileRoots, { signal })).data.roots;
  const names = await Promise.all([
    named('title', subjects, titles, ({ imdb_id, media_title }) => [imdb_id, media_title]),
    named('media', subjects, media, (item) => [item.hash, item.media_title?.trim() || item.original_title]),
    named('queue_item', subjects, items, ({ id, movie_code }) => [`${id}`, movie_code ?? '']),
    named('batch', subjects, batches, ({ id, name }) => [`${id}`, name]),
    named('file_root', subjects, roots, ({ id, name }) => [`${id}`, name]),
  ]);
  return new Map(names.flat());
}

/** The names that `nameShown` has found so far. */
export const shownNames = createStore<SubjectNames>(new Map());
const asked = new Set<string>();

/** Finds the names of what is on screen, each once. */
export function nameShown(subjects: readonly Subject[]): void {
  const unknown = subjects.filter(
    ({ subject_type, subject_id }) =>
      subject_type !== null && subject_id !== null && !asked.has(nameKey(subject_type, subject_id)),
  );
  if (unknown.length === 0) return;
  for (const { subject_type, subject_id } of unknown) asked.add(nameKey(`${subject_type}`, `${subject_id}`));
  void nameSubjects(unknown, new AbortController().signal).then((found) =>
    shownNames.set((before) => new Map([...before, ...found])),
  );
}
