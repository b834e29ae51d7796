import type { DB } from '@at/db/schema';
import type { Runs } from '@at/runs/runs';
import type { Task } from '@at/runs/task';
import type { Duty } from '@at/runs/worker';
import type { Kysely } from 'kysely';
import { files } from '../media/tasks/files.ts';
import { torrent } from '../media/tasks/torrent.ts';
import type { TaskAdapters } from '../tasks.ts';
import { findStranded, type IntentAction, lockDue, setRun } from './queries.ts';
import type { OfIntent } from './settle.ts';

/** Which task does which intents. */
const tasks: Record<IntentAction, Task<TaskAdapters, typeof OfIntent>> = {
  remove_torrent: torrent,
  add_torrent: torrent,
  approve: torrent,
  remove_files: files,
  restore_files: files,
};

/** Unfinished runs of intents at a time: while Transmission is away, each of them looks again and again. */
const atMost = 100;

/** A duty of workers: intents that no process is doing become runs, of the tasks that the program is configured for. */
export function outboxDuty(adapters: TaskAdapters, pause = 5_000): Duty<TaskAdapters> {
  const actions = (Object.keys(tasks) as IntentAction[]).filter((one) => tasks[one].needs?.(adapters).length === 0);
  const work = (db: Kysely<DB>, runs: Runs<TaskAdapters>) =>
    db.transaction().execute(async (trx) => {
      for (const { intent_id, action, hash, role, actor, actor_verified } of await lockDue(trx, actions, atMost)) {
        const by = actor === null ? { name: 'outbox', verified: true } : { name: actor, verified: actor_verified };
        const options = { starter: { trigger: 'event', actor: by }, subject: { type: 'media', id: hash } } as const;
        const { id } = await runs.start(trx, tasks[action], { intent: intent_id, role }, options);
        await setRun(trx, intent_id, id);
      }
    });
  return { name: 'The search for unfinished changes of files and torrents', pause, work };
}

/** How many intents wait because no worker that runs does their task, by tasks. */
export const strandedIntents = (db: Kysely<DB>): ReturnType<typeof findStranded> =>
  findStranded(
    db,
    Object.fromEntries(Object.entries(tasks).map(([action, { name }]) => [action, name])) as Record<
      IntentAction,
      string
    >,
  );
