import { listActivity } from '@at/contracts/activity';
import { listOperations } from '@at/contracts/bulk';
import type { LoaderFunctionArgs } from 'react-router';
import { type NamedActivity, nameActivity } from '#activity-log/describe-activity.ts';
import { call, type Reply } from '#api/call.ts';
import { readCursorPage, reloadsFor } from '#lists/read-page.ts';
import { type ActivityView, activityView, changesQuery, operationsQuery, readView } from './view.ts';

type Changes = Pick<Reply<typeof listActivity>['data'], 'pagination' | 'recorded_since'> & { named: NamedActivity };
type Operations = Reply<typeof listOperations>['data'];

export type ActivityData = {
  at: string;
  url: string;
  view: ActivityView;
} & ({ changes: Changes; operations?: never } | { operations: Operations; changes?: never });

async function read(view: ActivityView, signal: AbortSignal): Promise<ActivityData> {
  const at = new Date().toISOString();
  if (view.tab === 'operations') {
    const { data, url } = await call(listOperations, { query: operationsQuery(view), signal });
    return { at, url, view, operations: data };
  }
  const { data, url } = await call(listActivity, { query: changesQuery(view), signal });
  const { pagination, recorded_since } = data;
  return { at, url, view, changes: { pagination, recorded_since, named: await nameActivity(data.data, signal) } };
}

export const loader = ({ request: { url, signal } }: LoaderFunctionArgs): Promise<ActivityData> =>
  readCursorPage(readView(new URL(url).searchParams), (view) => read(view, signal));

/** The filter of an operation's items does not change the list. */
export const shouldRevalidate = reloadsFor(activityView);
