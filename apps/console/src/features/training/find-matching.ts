import type { QueryOf } from '@at/contracts/endpoint';
import { listTraining, type TrainingRow } from '@at/contracts/training';
import { call } from '#api/call.ts';
import { readByIds } from '#api/read-by-ids.ts';

/** The titles with these ids that the query finds. */
export const findMatching = (
  query: QueryOf<typeof listTraining>,
  ids: string[],
  signal: AbortSignal,
): Promise<TrainingRow[]> =>
  readByIds(ids, async (imdb_id) => {
    const all = { ...query, imdb_id, limit: imdb_id.length, count: 'none' } as const;
    return (await call(listTraining, { query: all, signal })).data.data;
  });
