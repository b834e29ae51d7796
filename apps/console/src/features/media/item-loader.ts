import { getMedia, type MediaRow } from '@at/contracts/media';
import type { TrainingRow } from '@at/contracts/training';
import type { LoaderFunctionArgs } from 'react-router';
import { call, urlOf } from '#api/call.ts';
import { findTitle } from '#titles/find-title.ts';

export type ItemData = { hash: string; url: string } & (
  | {
      item: MediaRow;
      /** Its title in the training set; undefined: there is none. */
      title: PromiseSettledResult<TrainingRow | undefined>;
    }
  | { failure: unknown }
);

/** Returns a failure instead of throwing it, which would replace the list beside the drawer. */
export async function loader({ params, request: { signal } }: LoaderFunctionArgs): Promise<ItemData> {
  const hash = params.hash ?? '';
  const url = urlOf(getMedia, { hash });
  try {
    const { data: item } = await call(getMedia, { params: { hash }, signal });
    const [title] = await Promise.allSettled([item.imdb_id === null ? undefined : findTitle(item.imdb_id, signal)]);
    return { hash, url, item, title };
  } catch (failure) {
    if (signal.aborted) throw failure;
    return { hash, url, failure };
  }
}
