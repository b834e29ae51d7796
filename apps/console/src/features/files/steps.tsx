import type { FileDashboard } from '@at/contracts/files';
import type { FileStatus } from '@at/contracts/vocabulary';
import { Stack, Text } from '@mantine/core';
import type { ComponentType } from 'react';
import { Link } from 'react-router';
import { formatBytes, formatInteger } from '#ui/format.ts';
import { BatchAction } from './batch-action.tsx';
import { CleanupAction } from './cleanup-action.tsx';
import styles from './files.module.css';
import { batchAddress, currentBatch, type Next, type Step, steps } from './next.ts';
import { PagePart } from './part.tsx';
import { RunAll } from './run-all.tsx';
import { ScanAction } from './scan-action.tsx';
import { SortAction } from './sort-action.tsx';
import { SyncAction } from './sync-action.tsx';
import { filesTexts as texts } from './texts.ts';

export type StepProps = {
  found: FileDashboard;
  /** It is the one thing to do next: its button stands out. */
  isNext: boolean;
};

/** What each step shows below its counts: how far it is, and its button. */
const actions: Record<Step, ComponentType<StepProps>> = {
  scan: ScanAction,
  sync: SyncAction,
  sort: SortAction,
  cleanup: CleanupAction,
  batch: BatchAction,
};

/** The files that each step counts; those after the first only if there are any. */
const counted: Record<Step, readonly FileStatus[]> = {
  scan: ['NEW', 'DUPLICATE'],
  batch: ['UNIQUE'],
  sync: ['BATCHED'],
  sort: ['SYNCED'],
  cleanup: ['SORTED', 'ARCHIVED'],
};

type Counted = keyof typeof texts.figures & FileStatus;

function Figures({ step, found }: { step: Step; found: FileDashboard }) {
  const { refused } = found.files;
  const by_status = { ...found.files.by_status };
  const bytes_by_status = { ...found.files.bytes_by_status };
  by_status.UNIQUE -= refused.files;
  bytes_by_status.UNIQUE -= refused.size_bytes;
  const sorted = found.batches.by_status.SORTED;
  const shown = counted[step].filter((status, i) => i === 0 || by_status[status] > 0);
  return (
    <Stack component="ul" gap={0} m={0} p={0} style={{ listStyle: 'none' }}>
      {shown.map((status) => (
        <li key={status}>
          <Link to={`/files/all?status=${status}`}>
            <b>{formatInteger(by_status[status])}</b>
          </Link>{' '}
          {texts.figures[status as Counted]}
          {by_status[status] > 0 && (
            <Text span size="xs" c="dimmed">
              {' '}
              {formatBytes(bytes_by_status[status])}
            </Text>
          )}
        </li>
      ))}
      {step === 'batch' && refused.files > 0 && (
        <li>
          <Link to="/files/all?status=UNIQUE">{formatInteger(refused.files)}</Link> {texts.figures.refused}
        </li>
      )}
      {step === 'cleanup' && sorted > 0 && (
        <li>
          <b>{formatInteger(sorted)}</b> {texts.figures.sortedBatches(sorted)}
        </li>
      )}
    </Stack>
  );
}

/** Where the flow stands: the steps with their counts, and the one next action. */
export function Steps({ found, next }: { found: FileDashboard; next: Next }) {
  const batch = currentBatch(found);
  return (
    <PagePart id="next-step" title={`${texts.next}: ${texts.nextSteps[next]}`}>
      {batch && (
        <div>
          {texts.batch} <Link to={batchAddress(batch.id)}>{batch.name}</Link>
          {texts.batchFacts(
            texts.batchStates[batch.status],
            texts.filesAndBytes(batch.file_count, formatInteger(batch.file_count), formatBytes(batch.size_bytes)),
          )}
        </div>
      )}
      <RunAll found={found} />
      <ol className={styles.flow} aria-label={texts.flow}>
        {steps.map((step) => {
          const Action = actions[step];
          const isNext = step === next;
          return (
            <li key={step} className={styles.step} data-next={isNext || undefined}>
              <Stack gap={6} align="start">
                <b>{texts.steps[step]}</b>
                <Figures step={step} found={found} />
                <Action found={found} isNext={isNext} />
              </Stack>
            </li>
          );
        })}
      </ol>
    </PagePart>
  );
}
