import { listSlices, type Slices } from '@at/contracts/predictions';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { evaluationQuery, readView } from './view.ts';

type Sliced = { slices: Slices; url: string; failure?: never } | { failure: unknown; slices?: never };

export async function loader({ request }: LoaderFunctionArgs): Promise<Sliced> {
  const view = readView(new URL(request.url).searchParams);
  const { by, minimum } = view;
  try {
    const query = { ...evaluationQuery(view), by, minimum };
    const { data, url } = await call(listSlices, { query, signal: request.signal });
    return { slices: data, url };
  } catch (failure) {
    if (request.signal.aborted) throw failure;
    return { failure };
  }
}
