import { getMeta } from '@at/contracts/system';
import { urlOf } from '#api/call.ts';
import { recentMeta } from '#api/server-info.ts';
import { recentWho } from '#api/session.ts';
import { loadViews } from '#lists/saved-views.ts';

export async function loader() {
  const [meta, session] = await Promise.allSettled([
    recentMeta(),
    recentWho().then(({ session }) => session),
    // Those that cannot be read are not offered; the filter that is set stays named.
    loadViews(),
  ]);
  return { at: new Date().toISOString(), url: urlOf(getMeta), meta, session };
}
