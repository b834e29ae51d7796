import { getSession } from '@at/contracts/session';
import { getMeta } from '@at/contracts/system';
import type { LoaderFunctionArgs } from 'react-router';
import { call, urlOf } from '#shared/api.ts';
import { loadViews } from '#shared/views.ts';

export { SettingsPage as Component } from './settings-page.tsx';

export async function loader({ request: { signal } }: LoaderFunctionArgs) {
  const [meta, session] = await Promise.allSettled([
    call(getMeta, { signal }).then(({ data }) => data),
    call(getSession, { signal }).then(({ data }) => data.session),
    // Those that cannot be read are not offered; the filter that is set stays named.
    loadViews(),
  ]);
  return { at: new Date().toISOString(), url: urlOf(getMeta), meta, session };
}
