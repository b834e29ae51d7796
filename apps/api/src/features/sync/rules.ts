import { secretMask } from '@at/contracts/pipeline-config';
import type { SyncCheck } from '@at/contracts/sync';

/** The first line that has failed; null: none. */
export const faultOf = (checks: readonly SyncCheck[]): string | null =>
  checks.find(({ state }) => state === 'failed')?.message ?? null;

/**
 * The key for an address; undefined: none was given, and the stored one belongs to another address, so that it is not sent to a
 * server that it was not meant for.
 */
export function keyFor(
  given: { api_url: string; api_key: string | undefined },
  stored: { api_url: string; key: string },
): string | undefined {
  if (given.api_key !== undefined && given.api_key !== secretMask) return given.api_key;
  const isSame = URL.parse(given.api_url)?.href === URL.parse(stored.api_url)?.href;
  return isSame ? stored.key : undefined;
}
