import type { OperationSubject } from '@at/contracts/bulk';
import { pageHere } from '#state/base-path.ts';
import { createStore } from '#state/store.ts';

/** The bulk changes that a list can undo. Apart from the rest of bulk changes, which a page without one does not load. */

export type BulkUndo = {
  operationId: string;
  subject: OperationSubject;
  /** Where it was made. */
  page: string;
  /** When it ended, by `performance.now()`. */
  at: number;
  /** Such as `10 media items`. */
  items: string;
  /** What was done. */
  message: string;
  undo: () => void;
};

export const bulkUndos = createStore<readonly BulkUndo[]>([]);

/** The bulk change that is undone next on this page: its latest, unless a row was changed after that, at `changedAt`. */
export function nextBulkUndo(
  all: readonly BulkUndo[],
  subject: OperationSubject,
  changedAt = Number.NEGATIVE_INFINITY,
): BulkUndo | undefined {
  const here = all.filter((undo) => undo.subject === subject && undo.page === pageHere());
  const latest = here.toSorted((one, other) => one.at - other.at).at(-1);
  return latest && latest.at > changedAt ? latest : undefined;
}
