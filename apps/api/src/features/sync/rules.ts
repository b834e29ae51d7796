import { secretMask } from '@at/contracts/pipeline-config';
import type { SyncCheck, SyncStatus, SyncStepResult } from '@at/contracts/sync';
import type { SyncRow } from './queries.ts';

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
  return isSame || stored.key === '' ? stored.key : undefined;
}

export function withRemaining(row: SyncRow): SyncStatus {
  const { needed_bytes, bytes_per_second: rate } = row;
  return { ...row, remaining_seconds: rate === null ? null : Math.ceil(needed_bytes / rate) };
}

/** What a sync has come to, in the words of the original. `failure`: why its run has failed; null: it has not. */
export function stepResult(data: SyncStatus, run_id: string, failure: string | null): SyncStepResult {
  const { batch, status, detail, progress } = data;
  if (['SYNCED', 'SORTING', 'SORTED', 'CLEANED'].includes(status))
    return { status: 'completed', message: `The device has all files of ${batch}.`, data, run_id };
  if (failure !== null || status === 'ERROR')
    return { status: 'error', message: detail ?? failure ?? 'The sync has failed.', data, run_id };
  if (detail !== null) return { status: 'waiting', message: detail, data, run_id };
  return { status: 'running', message: `The device has ${progress} % of ${batch}.`, data, run_id };
}
