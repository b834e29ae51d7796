import { getMeta } from '@at/contracts/system';
import { urlOf } from '#shared/api.ts';
import { recentMeta } from '#shared/meta.ts';
import { recentWho } from '#shared/session.ts';
import { loadViews } from '#shared/views.ts';

export { SettingsPage as Component } from './settings-page.tsx';

export async function loader() {
  const [meta, session] = await Promise.allSettled([
    recentMeta(),
    recentWho().then(({ session }) => session),
    // Those that cannot be read are not offered; the filter that is set stays named.
    loadViews(),
  ]);
  return { at: new Date().toISOString(), url: urlOf(getMeta), meta, session };
}
