import { batchBytes, filesByStatus } from './files/metrics.ts';
import type { MetricGroup } from './metric.ts';
import { queueItems, queueSteps } from './queue/metrics.ts';
import { runDurations, workersSeen } from './runs/metrics.ts';

/** What the database knows for Prometheus, whichever process did it. */
export const metricGroups: readonly MetricGroup[] = [
  filesByStatus,
  batchBytes,
  queueItems,
  queueSteps,
  runDurations,
  workersSeen,
];
