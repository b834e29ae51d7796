import type { Run } from '@at/contracts/runs';
import { listTraining } from '@at/contracts/training';
import { call } from '#api/call.ts';
import { readByIds } from '#api/read-by-ids.ts';

/** The names of titles by their ids; without those that cannot be read, whose ids are shown. */
export async function nameTitles(ids: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const read = async (imdb_id: string[]) =>
    (await call(listTraining, { query: { imdb_id, limit: imdb_id.length, count: 'none' }, signal })).data.data;
  const titles = ids.length > 0 ? await readByIds([...new Set(ids)], read).catch(() => []) : [];
  return new Map(titles.flatMap(({ imdb_id, media_title }) => (media_title.trim() ? [[imdb_id, media_title]] : [])));
}

/** The titles that runs work on. */
export const titlesOf = (runs: readonly Pick<Run, 'subject_type' | 'subject_id'>[]): string[] =>
  runs.flatMap(({ subject_type, subject_id }) => (subject_type === 'title' && subject_id !== null ? subject_id : []));
