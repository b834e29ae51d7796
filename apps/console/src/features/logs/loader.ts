import type { LoaderFunctionArgs } from 'react-router';
import { reloadsFor } from '#lists/read-page.ts';
import { readLogs } from '#runs/log-book.ts';
import { logsView, queryOf } from './view.ts';

/** The newest lines; the page loads older ones and follows new ones itself. */
export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const view = logsView.read(new URL(url).searchParams);
  const { data, url: source } = await readLogs(queryOf(view), signal);
  return { view, first: data, url: source };
}

/** A run that opens beside the lines does not change them. */
export const shouldRevalidate = reloadsFor(logsView);
