import { connection } from './calls.ts';
import { liveState } from './live.ts';
import { meta } from './meta.ts';
import { useStore } from './store.ts';

/** What is away now, so that what is on the screen may be out of date: the API, its database or its stream of events. */
export function useAway(): 'api' | 'database' | 'events' | null {
  const { state } = useStore(connection);
  const live = useStore(liveState);
  const facts = useStore(meta);
  if (state === 'down') return 'api';
  if (state === 'up' && facts?.database.reachable === false) return 'database';
  return state === 'up' && live === 'lost' ? 'events' : null;
}
