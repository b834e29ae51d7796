import type { BodyOf } from '@at/contracts/endpoint';
import { changeTaskRuns, type RunChanges } from '@at/contracts/runs';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { invalidate } from '#live/invalidations.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { runsPageTexts as texts } from './texts.ts';

type Selected = Omit<BodyOf<typeof changeTaskRuns>, 'action'>;

/** Cancels or continues runs, those of a filter in parts. Says what was done, and why the first was refused. Returns whether any was. */
export async function changeRuns(action: RunChanges, selected: Selected): Promise<boolean> {
  let [changed, goesOn] = [0, true];
  try {
    while (goesOn) {
      const { data } = await call(changeTaskRuns, { body: { action, ...selected }, idempotencyKey: nextWriteId() });
      changed += data.done;
      goesOn = data.more && data.done > 0;
      const refused = data.results.find(({ error }) => error !== null);
      if (refused) notifyError(data.message, new Error(refused.error as string));
      else if (!goesOn) notify(data.message);
    }
  } catch (error) {
    notifyError(texts.changes[action].failed, error);
  }
  invalidate('run');
  invalidate('run-figures');
  return changed > 0;
}
