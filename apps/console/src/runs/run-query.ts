import { undoFileMoves } from '@at/contracts/moves';
import { approveTaskRunStep, cancelTaskRun, getTaskRun, type RunStep, retryTaskRun } from '@at/contracts/runs';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { invalidate, keyOf } from '#live/invalidations.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { runsTexts as texts } from './texts.ts';

/** Milliseconds between two looks at a run with a step in progress, which has no event, and neither has the loss of a worker. */
const pause = 1_000;

const isInProgress = ({ state }: Pick<RunStep, 'state'>) => ['running', 'stopping', 'lost'].includes(state);

/** A run with its steps; without an id none, as in a drawer that was closed before it had loaded. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: keyOf('run', id),
    enabled: id !== '',
    queryFn: async ({ signal }) => (await call(getTaskRun, { params: { id }, signal })).data,
    refetchInterval: ({ state: { data } }) => (data?.steps.some(isInProgress) ? pause : false),
  });

export type RunChange = { how: 'cancel' | 'retry' | 'undo' } | { how: 'approve'; ref: string };

/** Cancels a run, continues it where it failed, undoes what it has moved, or lets a held step begin. A refusal is a message. */
export async function changeRun(id: string, change: RunChange): Promise<void> {
  const write = { body: {}, idempotencyKey: nextWriteId() };
  try {
    if (change.how === 'approve') await call(approveTaskRunStep, { params: { id, ref: change.ref }, ...write });
    else if (change.how === 'undo') {
      await call(undoFileMoves, { params: { run: id }, ...write });
      notify(texts.undoing);
    } else await call(change.how === 'cancel' ? cancelTaskRun : retryTaskRun, { params: { id }, ...write });
  } catch (error) {
    notifyError(texts.notDone[change.how], error);
  }
  invalidate('run');
}
