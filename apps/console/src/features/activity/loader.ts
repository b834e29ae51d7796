import { listActivity } from '@at/contracts/activity';
import { listOperations } from '@at/contracts/bulk';
import type { LoaderFunctionArgs, ShouldRevalidateFunctionArgs } from 'react-router';
import { type NamedActivity, nameActivity } from '#activity-log/describe-activity.ts';
import { ApiProblem, call, type Reply } from '#api/call.ts';
import { type ActivityView, changesQuery, firstPage, operationsQuery, readView, writeView } from './view.ts';

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

export async function loader({ request: { url, signal } }: LoaderFunctionArgs): Promise<ActivityData> {
  const view = readView(new URL(url).searchParams);
  try {
    return await read(view, signal);
  } catch (error) {
    // A cursor of the other list, or one that was cut off in a link.
    const isUnexpected = !(error instanceof ApiProblem) || error.problem.status !== 422 || view.cursor.length === 0;
    if (isUnexpected) throw error;
    return read({ ...view, ...firstPage }, signal);
  }
}

/** The filter of an operation's items does not change the list. */
export function shouldRevalidate({ currentUrl, nextUrl, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) {
  const moved = currentUrl.href !== nextUrl.href;
  const isSame = `${writeView(readView(currentUrl.searchParams))}` === `${writeView(readView(nextUrl.searchParams))}`;
  return moved && isSame ? false : defaultShouldRevalidate;
}
