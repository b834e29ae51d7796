import { cancelTaskRun, getTaskRun, retryTaskRun } from '@at/contracts/runs';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { invalidate, keyOf } from '#live/invalidations.ts';
import { notifyError } from '#ui/notify.tsx';
import { hasEnded } from './describe-run.ts';
import { runsTexts as texts } from './texts.ts';

/** Milliseconds between two looks at a run that goes on: its progress has no event. */
const pause = 1_000;

/** A run with its steps. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: keyOf('run', id),
    queryFn: async ({ signal }) => (await call(getTaskRun, { params: { id }, signal })).data,
    refetchInterval: ({ state: { data } }) => (data && !hasEnded(data) ? pause : false),
  });

/** Cancels a run, or continues it where it failed. A refusal is a message. */
export async function changeRun(id: string, how: 'cancel' | 'retry'): Promise<void> {
  const endpoint = how === 'cancel' ? cancelTaskRun : retryTaskRun;
  try {
    await call(endpoint, { params: { id }, body: {}, idempotencyKey: nextWriteId() });
  } catch (error) {
    notifyError(texts.notDone[how], error);
  }
  invalidate('run');
}
