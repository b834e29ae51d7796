import type { BatchLack } from '@at/contracts/vocabulary';
import type { Blocker } from './queries.ts';

const lacks: Record<Exclude<BatchLack, 'blocked'>, string> = {
  nothing_to_do: 'No file in the inbox waits for a batch.',
  all_too_large: 'Each group of files is larger than a batch may be. Raise batch.max_size_gb or batch.max_files.',
};

/** Why there is no new batch. */
export const lackText = (reason: BatchLack, blocker: Blocker | null): string =>
  reason === 'blocked'
    ? `The batch ${blocker?.name} is ${blocker?.status}${blocker?.reason ? `: ${blocker.reason}` : ''}. The next one follows when it is sorted.`
    : lacks[reason];
