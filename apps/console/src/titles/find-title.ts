import { getTraining, type TrainingRow } from '@at/contracts/training';
import { ApiProblem, call } from '#api/call.ts';

/** undefined: it does not exist, or this is no id of a title. */
export async function findTitle(imdb_id: string, signal: AbortSignal): Promise<TrainingRow | undefined> {
  try {
    return (await call(getTraining, { params: { imdb_id }, signal })).data;
  } catch (error) {
    if (error instanceof ApiProblem && [404, 422].includes(error.problem.status)) return undefined;
    throw error;
  }
}
