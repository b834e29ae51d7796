import { getMeta, type Meta } from '@at/contracts/system';
import { createStore } from '#state/store.ts';
import { call } from './call.ts';
import { createAsking } from './shared-request.ts';

/** What the API says about itself; null until it has. */
export const meta = createStore<Meta | null>(null);

const asking = createAsking(async () => {
  const { data } = await call(getMeta, {});
  meta.set(data);
  return data;
});

/**
 * Asks the API about itself; false when it did not tell: what was known stays shown then, and the connection's dot and
 * banner, which every call feeds, tell the rest.
 */
export const refreshMeta = (): Promise<boolean> =>
  asking.now().then(
    () => true,
    () => false,
  );

/** The facts, also where they came a moment ago. Throws what `call` throws. */
export const recentMeta = asking.lately;
