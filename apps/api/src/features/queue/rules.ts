import type { QueueHealth, QueueStepSettings, QueueWorker } from '@at/contracts/queue-status';
import type { QueueStep } from '@at/contracts/vocabulary';
import type { WorkerSeen } from './queries.ts';

type Word = QueueHealth['workers'][QueueWorker];

/** The steps that stand behind the names of the original's workers. */
const stepsOf: Record<QueueWorker, readonly QueueStep[] | 'any'> = {
  FileProcessor: ['extract', 'metadata', 'move'],
  EmbyUpdater: ['publish'],
  RetryHandler: 'any',
};

/** Seconds without a sign of life, which workers give every few seconds. */
const patience = 30;

const words = ['running', 'stale', 'stopped'] as const;

function wordOf({ is_stopped, silent_seconds }: WorkerSeen): Word {
  if (is_stopped) return 'stopped';
  return silent_seconds > patience ? 'stale' : 'running';
}

/** The best that any of the workers is. */
const bestOf = (workers: WorkerSeen[]): Word =>
  words.find((word) => workers.some((worker) => wordOf(worker) === word)) ?? 'stopped';

const latestOf = (workers: WorkerSeen[]): string | null =>
  workers
    .map(({ seen_at }) => seen_at)
    .toSorted()
    .at(-1) ?? null;

const knows = (step: QueueStep) => (worker: WorkerSeen) => worker.tasks.includes(`item.${step}`);

/** What the workers of the original would be: each is as good as the worst of its steps that are configured. */
export function workersHealth(
  seen: WorkerSeen[],
  settings: readonly QueueStepSettings[],
): Pick<QueueHealth, 'workers' | 'heartbeats'> & { isWell: boolean } {
  const of = (name: QueueWorker): { word: Word; heartbeat: string | null; isNeeded: boolean } => {
    const steps = stepsOf[name];
    if (steps === 'any') return { word: bestOf(seen), heartbeat: latestOf(seen), isNeeded: true };
    const configured = steps.filter((step) => settings.some((one) => one.step === step && one.missing.length === 0));
    const states = configured.map((step) => bestOf(seen.filter(knows(step))));
    return {
      word: words.findLast((word) => states.includes(word)) ?? 'stopped',
      heartbeat: latestOf(seen.filter((worker) => steps.some((step) => knows(step)(worker)))),
      isNeeded: configured.length > 0,
    };
  };
  const [FileProcessor, EmbyUpdater, RetryHandler] = [of('FileProcessor'), of('EmbyUpdater'), of('RetryHandler')];
  return {
    workers: { FileProcessor: FileProcessor.word, EmbyUpdater: EmbyUpdater.word, RetryHandler: RetryHandler.word },
    heartbeats: {
      FileProcessor: FileProcessor.heartbeat,
      EmbyUpdater: EmbyUpdater.heartbeat,
      RetryHandler: RetryHandler.heartbeat,
    },
    isWell: [FileProcessor, EmbyUpdater, RetryHandler].every(({ word, isNeeded }) => word === 'running' || !isNeeded),
  };
}

/** What is known of the workers without their signs of life. */
export const unknownWorkers = {
  workers: { FileProcessor: 'unknown', EmbyUpdater: 'unknown', RetryHandler: 'unknown' },
  heartbeats: { FileProcessor: null, EmbyUpdater: null, RetryHandler: null },
} as const;

/** Such as `5h 32m`, behind the days if there are some. */
export function uptimeText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const days = Math.floor(minutes / 1_440);
  const text = `${Math.floor((minutes % 1_440) / 60)}h ${minutes % 60}m`;
  return days > 0 ? `${days}d ${text}` : text;
}
