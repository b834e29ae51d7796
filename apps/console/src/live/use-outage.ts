import { useServerInfo } from '#api/server-info.ts';
import { connection } from '#state/connection.ts';
import { useStore } from '#state/store.ts';
import { liveState } from './live-events.ts';

/** What is down, so that the data on screen may be stale: the API, its database or its event stream. */
export function useOutage(): 'api' | 'database' | 'events' | null {
  const { state } = useStore(connection);
  const live = useStore(liveState);
  const facts = useServerInfo();
  if (state === 'down') return 'api';
  if (state === 'up' && facts?.database.reachable === false) return 'database';
  return state === 'up' && live === 'lost' ? 'events' : null;
}
