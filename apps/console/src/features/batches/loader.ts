import type { LoaderFunctionArgs } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { reloadsFor } from '#lists/read-page.ts';
import { batchList, batchQuery } from './queries.ts';
import { batchesView } from './view.ts';

export async function loader({ request: { url } }: LoaderFunctionArgs) {
  const view = batchesView.read(new URL(url).searchParams);
  const at = new Date().toISOString();
  return { at, view, first: await queryClient.fetchQuery({ ...batchList(view), staleTime: 0 }) };
}

/** A batch that opens beside the list does not change it. */
export const shouldRevalidate = reloadsFor(batchesView);

/** One that cannot be read says so in its drawer. */
export async function batchLoader({ params: { id = '' } }: LoaderFunctionArgs) {
  await queryClient.prefetchQuery({ ...batchQuery(id), staleTime: 0 });
  return { id };
}
