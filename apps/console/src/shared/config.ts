/** What the place this console is served from says about itself, in `config.json` beside it. */
type Config = {
  /** Path of the API, such as `/rear-diff`. */
  prefix: string;
  /** Where the API is, absolute. */
  origin: string;
  apiTimeoutSeconds: number;
};

export const config: Config = { prefix: '/rear-diff', origin: location.origin, apiTimeoutSeconds: 30 };

/** Reads `config.json`; without it the defaults hold, which fit an API on the same host and port. */
export async function loadConfig(): Promise<void> {
  try {
    const response = await fetch('/config.json', { signal: AbortSignal.timeout(5_000) });
    if (response.ok) Object.assign(config, await response.json());
  } catch {
    // The API is away as well, then; the first page says so.
  }
}
