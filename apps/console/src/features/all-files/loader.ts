import { listFileRoots } from '@at/contracts/file-roots';
import { listFiles } from '@at/contracts/files';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { readPage, reloadsFor } from '#lists/read-page.ts';
import { allFilesView, folderNames, pageSize, queryOf } from './view.ts';

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const view = allFilesView.read(new URL(url).searchParams);
  const at = new Date().toISOString();
  const [list, roots] = await Promise.all([
    readPage(view, (place) => call(listFiles, { query: { ...queryOf(view), limit: pageSize, ...place }, signal })),
    call(listFileRoots, { signal }),
  ]);
  for (const { id, name } of roots.data.roots) folderNames.set(`${id}`, name);
  return { at, view, list, roots: roots.data.roots };
}

/** A row or a run that opens does not change the list. */
export const shouldRevalidate = reloadsFor(allFilesView);
