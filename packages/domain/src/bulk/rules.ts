import type { MediaWrite } from '../media/writes.ts';
import type { FlagWrite } from '../titles/writes.ts';
import type { Outcome, RunItem } from './queries.ts';

const nothing = { before: null, after: null, written: null, event_id: null, owed: false, outside: null };

/** The outcome of an item that was not written. */
export function skipped(
  { position }: Pick<RunItem, 'position'>,
  result: 'unchanged' | 'conflict' | 'failed',
  problem: string | null,
): Outcome {
  return { position, result, problem, ...nothing };
}

const gone = 'It no longer exists.';
const overtaken = 'It has changed since the preview, so it was skipped.';

/** The outcome of a title. */
export function titleOutcome(item: RunItem, write: FlagWrite | undefined): Outcome {
  if (!write?.current) return skipped(item, 'conflict', write ? overtaken : gone);
  const { before, after, event_id, updated_at } = write;
  if (event_id === null) return skipped(item, 'unchanged', null);
  return { ...skipped(item, 'unchanged', null), result: 'done', before, after, event_id, written: updated_at };
}

/** The outcome of a media item. `refusal` returns why a current item was not written; null: it already had the values. */
export function mediaOutcome(
  item: RunItem,
  write: Omit<MediaWrite, 'original_link' | 'removal'> | undefined,
  refusal: (write: Pick<MediaWrite, 'hash' | 'before'>) => string | null,
): Outcome {
  if (!write?.current) return skipped(item, 'conflict', write ? overtaken : gone);
  if (!write.written) {
    const problem = refusal(write);
    return skipped(item, problem === null ? 'unchanged' : 'failed', problem);
  }
  const { before, after, event_id, updated_at } = write;
  return { ...skipped(item, 'unchanged', null), result: 'done', before, after, event_id, written: updated_at };
}
