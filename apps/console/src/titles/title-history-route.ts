import { type LabelEvent, listTrainingHistory } from '@at/contracts/labels';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';

/** Returns a failure instead of throwing it, which would replace the whole page. */
type HistoryAnswer = { events: LabelEvent[] } | { failure: unknown };

export async function loader({ params, request }: LoaderFunctionArgs): Promise<HistoryAnswer> {
  try {
    const { data } = await call(listTrainingHistory, {
      params: { imdb_id: String(params.imdb_id) },
      signal: request.signal,
    });
    return { events: data.data };
  } catch (failure) {
    if (request.signal.aborted) throw failure;
    return { failure };
  }
}
