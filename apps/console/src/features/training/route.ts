import { listTraining } from '@at/contracts/training';
import type { LoaderFunctionArgs } from 'react-router';
import { call, type Reply } from '#shared/api.ts';
import { refreshBacklog } from './backlog.ts';
import { listLimit, queryOf, readView, type TrainingView } from './filters.ts';
import { openSession, type ReviewSession } from './review-session.ts';

export { TrainingPage as Component } from './training-page.tsx';

export type TrainingData =
  | { view: TrainingView; session: ReviewSession; list?: never }
  | { view: TrainingView; list: Reply<typeof listTraining>; session?: never };

export async function loader({ request }: LoaderFunctionArgs): Promise<TrainingData> {
  const parameters = new URL(request.url).searchParams;
  const view = readView(parameters);
  refreshBacklog();
  if (view.view === 'review') {
    return { view, session: await openSession(view, parameters.get('title'), request.signal) };
  }
  const query = { ...queryOf(view), limit: listLimit, ...(view.page > 1 ? { page: view.page } : {}) };
  return { view, list: await call(listTraining, { query, signal: request.signal }) };
}
