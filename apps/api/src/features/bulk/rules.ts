import type { Operation, OperationChange, OperationRequest } from '@at/contracts/bulk';
import { operationLimits } from '@at/contracts/bulk';
import { withLabelRule } from '@at/contracts/label-rule';
import { invalid } from '#http/api-error.ts';
import { notInvertible, tooManyIds } from './errors.ts';

/** Throws 422 where the parts of a request contradict each other. Returns the ids, each once; undefined: a filter it is. */
export function readRequest({ subject, action, ids, filter, change }: OperationRequest): {
  ids: string[] | undefined;
  change: OperationChange;
} {
  if ((ids === undefined) === (filter === undefined)) {
    throw invalid('body', ids ? '/filter' : '/ids', 'An operation takes either ids or a filter. Send one of them.');
  }
  const sets = action === 'pipeline' || action === 'update';
  if (sets && Object.keys(change ?? {}).length === 0) {
    throw invalid('body', '/change', `The action ${action} sets what change says. Name at least one field.`);
  }
  if (!sets && change) {
    throw invalid('body', '/change', `The action ${action} says by itself what it changes. Leave change out.`);
  }
  if (ids && ids.length > operationLimits.ids) throw tooManyIds(ids.length);
  return {
    ids: ids && [...new Set(ids.map((id) => id.trim().toLowerCase()))],
    // As the single change of a title does it.
    change: subject === 'training' && change ? withLabelRule(change) : (change ?? {}),
  };
}

/** Throws 409 where there is nothing to take back, or not yet. */
export function checkInvertible({ state, inverse_of, counts, can_invert }: Operation): void {
  if (can_invert) return;
  if (inverse_of !== null) {
    throw notInvertible('The operation is itself an inverse. Do again what it took back.');
  }
  if (state === 'running' || state === 'cancelling') {
    throw notInvertible('The operation still runs. Wait for its end, or cancel it first.');
  }
  const why = counts.done === 0 && state === 'done' ? 'has changed nothing' : 'was never run';
  throw notInvertible(`The operation ${why}, so there is nothing to take back.`);
}
