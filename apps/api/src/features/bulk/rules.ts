import type { Operation, OperationChange, OperationRequest } from '@at/contracts/bulk';
import { operationLimits } from '@at/contracts/bulk';
import { withLabelRule } from '@at/contracts/label-rule';
import { invalid } from '#http/api-error.ts';
import { notInvertible, tooManyIds } from './errors.ts';

/** Throws 422 if the parts of a request contradict each other. Returns the distinct ids; undefined: it has a filter. */
export function readRequest({ subject, action, ids, filter, change }: OperationRequest): {
  ids: string[] | undefined;
  change: OperationChange;
} {
  if ((ids === undefined) === (filter === undefined)) {
    throw invalid('body', ids ? '/filter' : '/ids', 'An operation needs either ids or a filter. Send one of them.');
  }
  const sets = action === 'pipeline' || action === 'update';
  if (sets && Object.keys(change ?? {}).length === 0) {
    throw invalid('body', '/change', `The action ${action} needs at least one field in change.`);
  }
  if (!sets && change) {
    throw invalid('body', '/change', `The action ${action} does not accept change. Remove it.`);
  }
  if (ids && ids.length > operationLimits.ids) throw tooManyIds(ids.length);
  return {
    ids: ids && [...new Set(ids.map((id) => id.trim().toLowerCase()))],
    // Like a change of one title.
    change: subject === 'training' && change ? withLabelRule(change) : (change ?? {}),
  };
}

/** Throws 409 if there is nothing to revert, or not yet. */
export function checkInvertible({ state, inverse_of, taken_back_by, counts, can_invert }: Operation): void {
  if (can_invert) return;
  if (inverse_of !== null) {
    throw notInvertible('The operation is itself an inverse. Repeat what it reverted instead.');
  }
  if (state === 'running' || state === 'cancelling') {
    throw notInvertible('The operation is still running. Wait until it ends, or cancel it first.');
  }
  if (taken_back_by !== null) {
    throw notInvertible(
      `It is undone already, or is being undone, by operation ${taken_back_by}, whose items say what became of each. To make the change once more, preview it again.`,
    );
  }
  const why = counts.done === 0 && state === 'done' ? 'has changed nothing' : 'was never run';
  throw notInvertible(`The operation ${why}, so there is nothing to revert.`);
}
