import type { BatchDetails } from '@at/contracts/batches';
import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { dashboard } from '#files/batch-queries.ts';
import { BatchSort } from '#files/batch-sort.tsx';
import { BatchSync } from '#files/batch-sync.tsx';
import { batchesTexts } from './texts.ts';

/** The next steps of a batch that is on its way. */
export function NextSteps({ batch: { id, status } }: { batch: BatchDetails }) {
  const { data: found } = useQuery(dashboard, queryClient);
  if (!found) return null;
  const isSent = found.has_device && status === 'PENDING';
  return (
    <Stack component="section" gap={6} align="flex-start" aria-label={batchesTexts.drawer.nextSteps} fz="sm">
      {(found.has_device || status === 'SYNCING') && <BatchSync batch={id} isNext={isSent} />}
      <BatchSort batch={id} isNext={!isSent} />
    </Stack>
  );
}
