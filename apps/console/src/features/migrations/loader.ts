import { listFlyway, listMigrations } from '@at/contracts/migrations';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { arrange } from './history.ts';
import { readView } from './view.ts';

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const view = readView(new URL(url).searchParams);
  const { schema, sort, order } = view;
  const [history, states] = await Promise.allSettled([
    call(listFlyway, { query: { schema, sort_by: sort, sort_order: order }, signal }),
    call(listMigrations, { query: { schema }, signal }),
  ]);
  if (history.status === 'rejected') throw history.reason;
  const compared = states.status === 'fulfilled' ? states.value.data : undefined;
  return {
    at: new Date().toISOString(),
    url: history.value.url,
    view,
    migrations: arrange(history.value.data.data, compared?.data ?? [], view),
    keptBy: compared?.kept_by,
    /** Why the states are unknown. */
    statesError: states.status === 'rejected' ? (states.reason as unknown) : undefined,
  };
}
