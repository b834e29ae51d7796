import type { QueueStatus } from '@at/contracts/vocabulary';

/** Of the charts. */
export const colors = { done: 'var(--fill-watch)', failed: 'var(--fill-not)', average: 'var(--text-warning)' };

export const statusColors: Record<QueueStatus, string> = {
  pending: 'var(--no-rating)',
  processing: 'var(--text-warning)',
  moved: 'var(--fill-anomalous)',
  emby_pending: 'var(--text-warning)',
  completed: colors.done,
  error: colors.failed,
};
