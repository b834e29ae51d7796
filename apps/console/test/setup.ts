import { afterEach, vi } from 'vitest';
import { liveState } from '#live/live-events.ts';
import { attentionQueries } from '#pages/attention.ts';
import type * as stores from '#state/store.ts';
import { endPage } from './open-page.tsx';

// Runs before each file. Modules stay loaded from file to file, with what they keep outside stores.

/** Pages without their icons, which say nothing that is not said in words, and take a tenth of the time. */
vi.mock('@tabler/icons-react', () => {
  const none = () => null;
  return new Proxy({}, { get: (_target, name) => (name === 'then' ? undefined : none), has: () => true });
});

/** Each sets a store to its initial value, unless it holds a function: code that was loaded stays. */
const resets = vi.hoisted(() => ((globalThis as { resets?: Set<() => void> }).resets ??= new Set()));

vi.mock('#state/store.ts', async (original) => {
  const { createStore, createRememberedStore, ...rest } = await original<typeof stores>();
  const isReset = <T>(store: stores.Store<T>, initial: T) => {
    resets.add(() => store.set((value) => (typeof value === 'function' ? value : initial)));
    return store;
  };
  return {
    ...rest,
    createStore: <T>(initial: T) => isReset(createStore(initial), initial),
    createRememberedStore: <T>(...[key, initial, isValid]: Parameters<typeof createRememberedStore<T>>) =>
      isReset(createRememberedStore(key, initial, isValid), initial),
  } satisfies typeof stores;
});

// So do the queries, which modules add when they are loaded.
const queries = attentionQueries.get();
for (const reset of resets) reset();
attentionQueries.set(queries);
// There are no events; without them the console checks the API every three seconds.
liveState.set('live');
localStorage.clear();
sessionStorage.clear();

afterEach(endPage);
