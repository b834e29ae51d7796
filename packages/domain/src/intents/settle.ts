import { StringEnum } from '@at/contracts/paging';
import { StepFailure, type TaskContext } from '@at/runs/task';
import { type Static, Type } from 'typebox';
import { findIntent, findPause, type Intent } from './queries.ts';

/** The parameters of a task that does an intent. `role`: the lowest that may order what it does; absent: operator. */
export const OfIntent = Type.Object({ intent: Type.Integer(), role: Type.Optional(StringEnum(['operator', 'admin'])) });

export const roleOfIntent = ({ role = 'operator' }: Static<typeof OfIntent>) => role;

/**
 * Does an intent with `work`, which returns what it could not do. The attempt has failed if the intent is open afterwards; it comes
 * again if there was nothing to do yet. An intent that has ended, or was withdrawn, is done.
 */
export async function settle(
  { intent: intent_id }: Static<typeof OfIntent>,
  { db, log, finish, again }: Pick<TaskContext<unknown>, 'db' | 'log' | 'finish' | 'again'>,
  work: (intent: Intent) => Promise<string | undefined>,
): Promise<void> {
  const intent = await findIntent(db, { intent_id } as Intent);
  const problem = intent && (await work(intent));
  const pause = await findPause(db, intent_id);
  if (pause === undefined) {
    if (problem !== undefined) log.warn(problem);
    await finish({ action: intent?.action ?? null, ...(problem !== undefined && { problem }) });
  } else if (problem === undefined) await again(pause);
  else throw new StepFailure('incomplete', problem);
}
