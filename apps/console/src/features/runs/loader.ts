import { listTaskRuns } from '@at/contracts/runs';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { readCursorPage, reloadsFor } from '#lists/read-page.ts';
import { nameSubjects } from '#runs/name-subjects.ts';
import { queryOf, type RunsView, runsView } from './view.ts';

async function read(view: RunsView, signal: AbortSignal) {
  const at = new Date().toISOString();
  const { data, url } = await call(listTaskRuns, { query: queryOf(view), signal });
  return {
    at,
    url,
    view,
    runs: data.data,
    pagination: data.pagination,
    names: await nameSubjects(data.data, signal),
  };
}

export const loader = ({ request: { url, signal } }: LoaderFunctionArgs) =>
  readCursorPage(runsView.read(new URL(url).searchParams), (view) => read(view, signal));

/** A run that opens beside the list does not change it. */
export const shouldRevalidate = reloadsFor(runsView);
