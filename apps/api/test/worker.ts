import type { Server } from 'node:http';
import { openQueueSystems } from '@at/adapters/queue-systems';
import { openTransmission } from '@at/adapters/transmission';
import { resumeOperations } from '@at/domain/bulk/starts';
import { apply, applying } from '@at/domain/bulk/tasks/apply';
import { outboxDuty } from '@at/domain/intents/outbox';
import { type TaskAdapters, tasks } from '@at/domain/tasks';
import type { Task } from '@at/runs/task';
import { Worker } from '@at/runs/worker';
import { sql } from 'kysely';
import type { Config } from '#config.ts';
import type { Deps, Timing } from '#deps.ts';

type Options = {
  /** Instead of those that are configured. */
  adapters?: Partial<TaskAdapters>;
  /** Milliseconds between two searches for intents that no process is doing. */
  pause?: number;
  timing?: Timing;
};

/** A worker in this process, on the database of an API and with its settings. */
export function startWorker(
  config: Config,
  { adapters: others, pause = 50, timing: { lockPatience = 2_000, pollInterval: _, ...timeouts } = {} }: Options = {},
): Worker<TaskAdapters> {
  const patient = applying(lockPatience) as Task<TaskAdapters>;
  const adapters: TaskAdapters = {
    files: config.files,
    metadata: config.metadata,
    queue: openQueueSystems(config.queue),
    transmission: openTransmission(config.transmission),
    ...others,
  };
  const worker = new Worker<TaskAdapters>({
    database: { ...timeouts, connection: config.database as NonNullable<Config['database']> },
    tasks: tasks.map((task) => (task.name === apply.name ? patient : task)),
    schedules: [],
    duties: [resumeOperations, outboxDuty(adapters, pause)],
    adapters,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    version: '0',
  });
  worker.start();
  return worker;
}

export const demands = { bulk: /\/operations\/[^/]+\/run$/, any: /\/operations\/[^/]+\/run$|\/api\/dedup\/start$/ };

/** A worker that starts with the first bulk change or scan: most tests have none. Returns how to stop it; the next change starts another. */
export function workOnDemand(
  server: Server,
  start: () => Worker<TaskAdapters>,
  demand = demands.any,
): () => Promise<void> {
  let worker: Worker<TaskAdapters> | undefined;
  server.on('request', ({ method, url = '' }) => {
    if (method === 'POST' && demand.test(url)) worker ??= start();
  });
  return async () => {
    const started = worker;
    worker = undefined;
    await started?.stop();
  };
}

/** Makes the next attempt at everything that was left undone due now. */
export async function hasten(db: Deps['db']): Promise<void> {
  await sql`update console.intent set retry_at = now()`.execute(db);
  await sql`update console.job set start_after = now() where state < 'active'`.execute(db);
}
