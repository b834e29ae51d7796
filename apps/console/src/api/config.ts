import { createStore, useStore } from '#state/store.ts';

/** What the place this console is served from says about itself, in `config.json` beside it. */
type Config = {
  /** Path of the API, such as `/rear-diff`. */
  prefix: string;
  /** Where the API is, absolute. */
  origin: string;
  apiTimeoutSeconds: number;
};

const store = createStore<Config>({ prefix: '/rear-diff', origin: location.origin, apiTimeoutSeconds: 30 });

/** As known now: before `configured` settles, the defaults. */
export const config = store.get;
export const useConfig = (): Config => useStore(store);

const patience = 5_000;
let loading: Promise<void> | undefined;

/** Settles once `config.json` was read; without it the defaults hold, which fit an API on the same host and port. */
export async function configured(): Promise<void> {
  await loading;
}

/** Begins to read it; what is drawn does not wait, each call to the API does. */
export function loadConfig(): void {
  loading = (async () => {
    try {
      const response = await fetch('/config.json', { signal: AbortSignal.timeout(patience) });
      if (!response.ok) return;
      const told = (await response.json()) as Partial<Config>;
      store.set((before) => ({ ...before, ...told }));
    } catch {
      // The API is away as well, then; the first page says so.
    }
  })();
}
