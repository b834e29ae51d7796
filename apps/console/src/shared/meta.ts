import { getMeta, type Meta } from '@at/contracts/system';
import { call } from './api.ts';
import { createStore } from './store.ts';

/** What the API says about itself; null until it has. */
export const meta = createStore<Meta | null>(null);

let asking: Promise<void> | undefined;

/** Asks the API about itself, once however many ask. A failure is kept by the connection state, which every call feeds. */
export function refreshMeta(): Promise<void> {
  asking ??= call(getMeta, {})
    .then(({ data }) => meta.set(data))
    // What was known stays shown; the connection's dot and banner tell the rest.
    .catch(() => {})
    .finally(() => {
      asking = undefined;
    });
  return asking;
}
