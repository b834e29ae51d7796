import { listDuplicates } from '@at/contracts/duplicates';
import { getDedupStatus } from '@at/contracts/files';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { reloadsFor } from '#lists/read-page.ts';
import { duplicatesView, pageSize, queryOf } from './view.ts';

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const view = duplicatesView.read(new URL(url).searchParams);
  const at = new Date().toISOString();
  const query = { ...queryOf(view), limit: view.file === '' ? pageSize : 1, offset: view.offset };
  const list = await call(listDuplicates, { query, signal });
  // Only an empty list says what has to be done.
  const scan = list.data.data.length === 0 ? (await call(getDedupStatus, { signal })).data : null;
  return { at, view, list, scan };
}

/** A set that keys act on does not change the list. */
export const shouldRevalidate = reloadsFor(duplicatesView);
