import type { Operation, OperationChange, OperationRequest } from '@at/contracts/bulk';
import { operationLimits } from '@at/contracts/bulk';
import type { MediaWrite } from '@at/domain/media/writes';
import { type FlagWrite, withLabelRule } from '@at/domain/titles/writes';
import { invalid } from '#http/api-error.ts';
import { notInvertible, tooManyIds } from './errors.ts';
import type { Outcome, RunItem } from './queries.ts';

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

const nothing = { before: null, after: null, written: null, event_id: null, owed: false, outside: null };

/** An item that was left as it is. */
export function leftAlone(
  { position }: Pick<RunItem, 'position'>,
  result: 'unchanged' | 'conflict' | 'failed',
  problem: string | null,
): Outcome {
  return { position, result, problem, ...nothing };
}

const gone = 'It is no longer there.';
const overtaken = 'Somebody has changed it since the preview, so it was left as it is.';

/** What became of a title. */
export function titleOutcome(item: RunItem, write: FlagWrite | undefined): Outcome {
  if (!write?.current) return leftAlone(item, 'conflict', write ? overtaken : gone);
  const { before, after, event_id, updated_at } = write;
  if (event_id === null) return leftAlone(item, 'unchanged', null);
  return { ...leftAlone(item, 'unchanged', null), result: 'done', before, after, event_id, written: updated_at };
}

/** What became of a media item; `refusal` is why one that was current was not written, null where it was so already. */
export function mediaOutcome(
  item: RunItem,
  write: Omit<MediaWrite, 'original_link'> | undefined,
  refusal: (write: Pick<MediaWrite, 'hash' | 'before'>) => string | null,
): Outcome {
  if (!write?.current) return leftAlone(item, 'conflict', write ? overtaken : gone);
  if (!write.written) {
    const problem = refusal(write);
    return leftAlone(item, problem === null ? 'unchanged' : 'failed', problem);
  }
  const { before, after, event_id, updated_at } = write;
  return { ...leftAlone(item, 'unchanged', null), result: 'done', before, after, event_id, written: updated_at };
}
