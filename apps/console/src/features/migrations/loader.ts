import { listFlyway, listMigrations } from '@at/contracts/migrations';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { arrange } from './history.ts';
import { readView } from './view.ts';

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const view = readView(new URL(url).searchParams);
  const { schema, sort, order } = view;
  // The history of the platform may be in another schema than public: the API finds it.
  const named = schema === 'public' ? {} : { schema };
  const [history, states] = await Promise.allSettled([
    call(listFlyway, { query: { ...named, sort_by: sort, sort_order: order }, signal }),
    call(listMigrations, { query: named, signal }),
  ]);
  if (history.status === 'rejected') throw history.reason;
  const compared = states.status === 'fulfilled' ? states.value.data : undefined;
  const found = schema === 'public' ? compared?.schema : undefined;
  return {
    at: new Date().toISOString(),
    url: history.value.url,
    view,
    // Without a history of the platform, /flyway falls back to that of this product, which has a view of its own.
    migrations: arrange(compared?.schema === null ? [] : history.value.data.data, compared?.data ?? [], view),
    keptBy: compared?.kept_by,
    /** The schema of the platform's history. */
    platformSchema: found ?? 'public',
    /** Why the states are unknown. */
    statesError: states.status === 'rejected' ? (states.reason as unknown) : undefined,
  };
}
