import { flywaySchemas, listFlyway, listMigrations } from '@at/contracts/migrations';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';
import { arrange, type History, lastOf } from './history.ts';
import { type FlywaySchema, readView } from './view.ts';

/** The history of the platform may be in another schema than public: the API finds it. */
const named = (schema: FlywaySchema) => (schema === 'public' ? {} : { schema });

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const view = readView(new URL(url).searchParams);
  const { schema, sort, order } = view;
  const others = flywaySchemas.filter((one) => one !== schema);
  const [history, states, ...rest] = await Promise.allSettled([
    call(listFlyway, { query: { ...named(schema), sort_by: sort, sort_order: order }, signal }),
    call(listMigrations, { query: named(schema), signal }),
    ...others.map((one) => call(listFlyway, { query: named(one), signal })),
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
    /** Over all histories; undefined: one of them could not be loaded. */
    last: rest.every((one) => one.status === 'fulfilled')
      ? lastOf([
          [schema, history.value.data.data],
          ...rest.map(({ value }, index): History => [others[index] as FlywaySchema, value.data.data]),
        ])
      : undefined,
    /** The schema of the platform's history. */
    platformSchema: found ?? 'public',
    /** Why the states are unknown. */
    statesError: states.status === 'rejected' ? (states.reason as unknown) : undefined,
  };
}
