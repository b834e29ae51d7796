import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openQueueSystems, type QueueSystems } from '@at/adapters/queue-systems';
import { readVariables } from '@at/config/environment';
import { queueVariables, readQueue } from '@at/config/settings';
import { createDb, createPool } from '@at/db/client';
import { createTestDatabase } from '@at/db/testing';
import { itemTasks } from '@at/domain/queue/starts';
import { FolderWatch } from '@at/domain/queue/watch';
import type { Task } from '@at/runs/task';
import { Worker } from '@at/runs/worker';
import { Type } from 'typebox';
import { expect, onTestFinished, test } from 'vitest';
import { startDemoQueue } from './queue.ts';

test('a worker makes the items of the demo from its files: most come through, and each other one says why', async () => {
  const root = mkdtempSync(join(tmpdir(), 'at-demo-queue-'));
  const demo = await startDemoQueue(join(root, 'queue'));
  const systems = openQueueSystems(readQueue(readVariables(Type.Object(queueVariables), demo.environment)));
  const database = await createTestDatabase('plain');
  const db = createDb(createPool({ connection: database.connectionString }));
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const watch = new FolderWatch({ systems, settle: 0, log });
  const worker = new Worker<{ queue: QueueSystems }>({
    database: { connection: database.connectionString },
    tasks: Object.values(itemTasks) as unknown as Task<{ queue: QueueSystems }>[],
    schedules: [],
    duties: [{ name: 'The look into the watch folder', pause: 50, work: (own, runs) => watch.look(own, runs) }],
    adapters: { queue: systems },
    log,
    version: '0',
  });
  worker.start();
  onTestFinished(async () => {
    await worker.stop();
    await db.destroy();
    await database.drop();
    await demo.close();
    rmSync(root, { recursive: true });
  });
  const failures = async () =>
    (
      await db
        .selectFrom('console.queue_item_state')
        .select(['failed_step', 'error_message'])
        .where('status', '=', 'error')
        .orderBy('error_message')
        .execute()
    ).map(({ failed_step, error_message }) => `${failed_step}: ${error_message?.split('.')[0]}`);
  await expect
    .poll(failures, { interval: 50 })
    .toEqual([
      'publish: The media server shows other values than were written: Overview',
      'extract: The name of the file has no code',
      'metadata: The provider does not know NOSUCH-1',
      'metadata: The provider has a fault of its own (503)',
    ]);
  const completed = db.selectFrom('console.queue_item_state').select('id').where('status', '=', 'completed');
  await expect.poll(async () => (await completed.execute()).length, { interval: 50 }).toBe(9);
});
