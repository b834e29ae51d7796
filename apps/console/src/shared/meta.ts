import { getMeta, type Meta } from '@at/contracts/system';
import { call } from './api.ts';
import { createStore } from './store.ts';

/** What the API says about itself; null until it has. */
export const meta = createStore<Meta | null>(null);

/** Asks the API about itself. A failure is kept by the connection state, which every call feeds. */
export async function refreshMeta(): Promise<void> {
  try {
    meta.set((await call(getMeta, {})).data);
  } catch {
    // What was known stays shown; the connection's dot and banner tell the rest.
  }
}
