import { PgBoss } from 'pg-boss';

/** Does the jobs of a queue with pg-boss alone, four at a time, to compare with. A slot looks for its next one at once. */
export async function workBare(connectionString: string, queue: string): Promise<void> {
  const boss = new PgBoss({
    connectionString,
    schema: 'console',
    migrate: false,
    createSchema: false,
    schedule: false,
    useListenNotify: true,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
  });
  boss.on('error', console.error);
  await boss.start();
  const options = { localConcurrency: 4, pollingIntervalSeconds: 1, heartbeatRefreshSeconds: 5 };
  await boss.work(queue, options, async () => {
    // Without this it does four jobs a second.
    for (const worker of boss.getWipData()) if (worker.name === queue && worker.count > 0) boss.notifyWorker(worker.id);
  });
}
