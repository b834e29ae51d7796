import { getMeta } from '@at/contracts/system';
import { urlOf } from '#api/call.ts';
import { recentServerInfo } from '#api/server-info.ts';
import { recentSession } from '#api/session.ts';
import { loadViews } from '#lists/saved-views.ts';

export async function loader() {
  const [info, session] = await Promise.allSettled([
    recentServerInfo(),
    recentSession(),
    // Without them no saved views are offered; the current filter is still shown.
    loadViews(),
  ]);
  return { at: new Date().toISOString(), url: urlOf(getMeta), info, session };
}
