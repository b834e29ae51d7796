import { basePath } from '#state/base-path.ts';
import { createStore, useStore } from '#state/store.ts';

/** The `config.json` that is served beside the console. */
type Config = {
  /** Path of the API, such as `/rear-diff`. */
  prefix: string;
  /** Where the API is, absolute. */
  origin: string;
  apiTimeoutSeconds: number;
};

const store = createStore<Config>({ prefix: '/rear-diff', origin: location.origin, apiTimeoutSeconds: 30 });

/** The defaults until `configured` settles. */
export const config = store.get;
export const useConfig = (): Config => useStore(store);

const patience = 5_000;
let loading: Promise<void> | undefined;

/** Settles when `config.json` is loaded. Without it the defaults hold, for an API on the same host and port. */
export async function configured(): Promise<void> {
  await loading;
}

/** Starts to load it. Calls to the API wait for it, rendering does not. */
export function loadConfig(): void {
  loading = (async () => {
    try {
      const response = await fetch(`${basePath}config.json`, { signal: AbortSignal.timeout(patience) });
      if (!response.ok) return;
      const loaded = (await response.json()) as Partial<Config>;
      store.set((before) => ({ ...before, ...loaded }));
    } catch {
      // The API is down too; the first page reports it.
    }
  })();
}
