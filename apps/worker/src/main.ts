import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { endProcess } from '@at/adapters/disk';
import { openQueueSystems } from '@at/adapters/queue-systems';
import { openTransmission } from '@at/adapters/transmission';
import { ConfigError } from '@at/config/environment';
import { version } from '@at/config/settings';
import { checkStartIfReachable } from '@at/db/start-check';
import { resumeOperations } from '@at/domain/bulk/starts';
import { outboxDuty } from '@at/domain/intents/outbox';
import { withCircuitBreaker } from '@at/domain/media/circuit-breaker';
import { leftMoves } from '@at/domain/moves/duty';
import { expiredPauses } from '@at/domain/pipeline/pauses';
import { pipelineTimetable } from '@at/domain/pipeline/starts';
import { InboxWatch } from '@at/domain/pipeline/watch';
import { FolderWatch } from '@at/domain/queue/watch';
import { schedules, type TaskAdapters, tasks } from '@at/domain/tasks';
import { type Duty, processPriority, Worker } from '@at/runs/worker';
import { pino } from 'pino';
import { readConfig } from './config.ts';

/** A worker as a supervised process: the environment in, steps of runs done. Any number of them work side by side. */

try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  setPriority(processPriority);
  const config = readConfig(process.env);
  const { fault, ownerTask } = await checkStartIfReachable(config.database);
  if (fault) throw new ConfigError(fault);
  const log = pino({ level: config.logLevel });
  if (ownerTask) log.warn(ownerTask);
  const queue = openQueueSystems(config.queue);
  const watch = new FolderWatch({ systems: queue, settle: config.queue.settle * 1_000, log });
  const look: Duty<TaskAdapters> = {
    name: 'The look into the watch folder',
    pause: 5_000,
    work: (db, runs) => watch.look(db, runs),
  };
  const inbox = new InboxWatch({ log });
  const lookIntoInbox: Duty<TaskAdapters> = {
    name: 'The watch of the inbox',
    pause: 5_000,
    work: (db, runs) => inbox.look(db, runs),
  };
  const adapters: TaskAdapters = {
    files: config.files,
    metadata: config.metadata,
    queue,
    transmission: withCircuitBreaker(openTransmission(config.transmission)),
  };
  const database = { connection: config.database, statementTimeout: 11_000, connectTimeout: 3_000 };
  const worker = new Worker({
    database,
    tasks,
    schedules,
    timetables: [pipelineTimetable()],
    duties: [
      resumeOperations,
      outboxDuty(adapters),
      leftMoves(),
      expiredPauses(),
      lookIntoInbox,
      ...(queue.folders ? [look] : []),
    ],
    adapters,
    log,
    version,
  });
  const stop = async (reason: string) => {
    log.info(`${reason}: leaving steps in progress to other workers`);
    // Anything still running then is cut off.
    setTimeout(() => endProcess(1), 12_000).unref();
    await worker.stop();
    endProcess(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Only a program that started it with a channel, such as the one-command start, ends this way.
  process.once('disconnect', () => stop('The starter has ended'));
  worker.start();
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
