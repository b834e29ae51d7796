import { useServerInfo } from '#api/server-info.ts';
import { connection } from '#state/connection.ts';
import { useStore } from '#state/store.ts';
import { liveState } from './live-events.ts';

/**
 * What is down, so that the data on screen may be stale: the API, its database or its event stream. The frame uses it, and
 * so does not render again with each reply.
 */
export function useOutage(): 'api' | 'database' | 'events' | null {
  const state = useStore(connection, (value) => value.state);
  const live = useStore(liveState);
  const isWithoutDatabase = useServerInfo(({ database }) => !database.reachable);
  if (state === 'down') return 'api';
  if (state === 'up' && isWithoutDatabase) return 'database';
  return state === 'up' && live === 'lost' ? 'events' : null;
}
