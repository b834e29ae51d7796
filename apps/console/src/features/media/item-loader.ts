import { getMedia, type MediaRow } from '@at/contracts/media';
import { getTraining, type TrainingRow } from '@at/contracts/training';
import type { LoaderFunctionArgs } from 'react-router';
import { ApiProblem, call, urlOf } from '#api/call.ts';

export type ItemData = { hash: string; url: string } & (
  | {
      item: MediaRow;
      /** Its title in the training set; null: there is none. */
      title: PromiseSettledResult<TrainingRow | null>;
    }
  | { failure: unknown }
);

async function readTitle(imdb_id: string | null, signal: AbortSignal): Promise<TrainingRow | null> {
  if (imdb_id === null) return null;
  try {
    return (await call(getTraining, { params: { imdb_id }, signal })).data;
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 404) return null;
    throw error;
  }
}

/** Returns a failure instead of throwing it, which would replace the list beside the drawer. */
export async function loader({ params, request: { signal } }: LoaderFunctionArgs): Promise<ItemData> {
  const hash = params.hash ?? '';
  const url = urlOf(getMedia, { hash });
  try {
    const { data: item } = await call(getMedia, { params: { hash }, signal });
    const [title] = await Promise.allSettled([readTitle(item.imdb_id, signal)]);
    return { hash, url, item, title };
  } catch (failure) {
    if (signal.aborted) throw failure;
    return { hash, url, failure };
  }
}
