import { listTraining } from '@at/contracts/training';
import { type LoaderFunctionArgs, redirect, type ShouldRevalidateFunctionArgs } from 'react-router';
import { call, type Reply } from '#api/call.ts';
import { readPage, reloadsFor } from '#lists/read-page.ts';
import { titleInUrl } from '#titles/title-in-url.ts';
import { countBeside, recordTotal } from './backlog.ts';
import { blindMode, openSession } from './browser-review.ts';
import type { ReviewSession } from './review-session.ts';
import {
  listLimit,
  passOf,
  queryOf,
  readView,
  type TrainingView,
  trainingView,
  withoutTelling,
  writeView,
} from './view.ts';

export type TrainingData = {
  view: TrainingView;
  /** The database holds no title at all. */
  firstUse: boolean;
} & ({ session: ReviewSession; list?: never } | { list: Reply<typeof listTraining>; session?: never });

async function hasTitles(signal: AbortSignal): Promise<boolean> {
  const { data } = await call(listTraining, { query: { limit: 1, count: 'none' }, signal });
  return data.data.length > 0;
}

export async function loader({ request }: LoaderFunctionArgs): Promise<TrainingData> {
  const parameters = new URL(request.url).searchParams;
  const view = readView(parameters);
  if (blindMode.get()) {
    const hiding = withoutTelling(view);
    if (passOf(hiding) !== passOf(view)) {
      const search = writeView(hiding);
      for (const title of parameters.getAll('title')) search.set('title', title);
      throw redirect(`?${search}`);
    }
  }
  countBeside(view);
  if (view.view === 'review') {
    const session = await openSession(view, titleInUrl(new URL(request.url)), request.signal);
    const { upcoming, steps } = session.queue.get();
    const firstUse = upcoming.length + steps.length === 0 && !(await hasTitles(request.signal));
    return { view, session, firstUse };
  }
  // The backlog is small enough for an exact count, but not for one that compares the words of each title.
  const count = view.reviewed === 'false' && view.q.trim() === '' ? 'exact' : 'estimated';
  const query = { ...queryOf(view), limit: listLimit, count } as const;
  const requestedAt = Date.now();
  // Beside the rows, and awaited: React shows a placeholder for 300 ms. If it fails, the page says so.
  const code = import('./title-list.tsx').catch(() => {});
  const list = await readPage(view, (place) =>
    call(listTraining, { query: { ...query, ...place }, signal: request.signal }),
  );
  await code;
  recordTotal(view, list.data.pagination.total, requestedAt);
  return { view, list, firstUse: list.data.data.length === 0 && !(await hasTitles(request.signal)) };
}

const reloadsList = reloadsFor(trainingView);

/** What opens beside a list, or in it, does not change it. A review goes to the title of the address. */
export const shouldRevalidate = (args: ShouldRevalidateFunctionArgs) =>
  readView(args.nextUrl.searchParams).view === 'list' ? reloadsList(args) : args.defaultShouldRevalidate;
