import { type BatchDetails, undoBatch } from '@at/contracts/batches';
import type { BatchStatus } from '@at/contracts/vocabulary';
import { Drawer, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { useUrlValues } from '#lists/use-url-values.ts';
import { AskButton } from '#live/confirm.tsx';
import { lazyPart } from '#live/lazy-part.ts';
import { RunLink } from '#runs/run-link.tsx';
import { Copyable } from '#ui/copyable.tsx';
import { once } from '#ui/double-clicks.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatBytes, formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { sayCleaned, undo } from './actions.ts';
import { BatchMark } from './batch-mark.tsx';
import { BatchFiles, BatchManifest, BatchTimeline } from './batch-parts.tsx';
import { batchQuery } from './queries.ts';
import { batchesTexts } from './texts.ts';

const texts = batchesTexts.drawer;
const NextSteps = lazyPart(() => import('./next-steps.tsx'), 'NextSteps');

const acts = { undo, deviceCleaned: sayCleaned, filesGo: sayCleaned };

function Act({
  batch: { id, name },
  what,
  refusal,
}: {
  batch: BatchDetails;
  what: keyof typeof acts;
  refusal: string | null;
}) {
  const [isBusy, setBusy] = useState(false);
  const denied = useRefusal(undoBatch.config.role);
  const { act, title, text, verb } = batchesTexts[what];
  const doIt = async () => {
    setBusy(true);
    await acts[what](id);
    setBusy(false);
  };
  return (
    <span {...once}>
      <AskButton
        size="compact-sm"
        reason={denied ?? refusal ?? undefined}
        loading={isBusy}
        question={{ title, about: name, text, verb }}
        onConfirm={() => void doIt()}
      >
        {act}
      </AskButton>
    </span>
  );
}

const closed: readonly BatchStatus[] = ['SORTED', 'CLEANED'];

const parts = { files: BatchFiles, timeline: BatchTimeline, manifest: BatchManifest };

function Shown({ batch }: { batch: BatchDetails }) {
  const [[tab = 'files'], setTab] = useUrlValues('tab');
  const shown = tab in parts ? (tab as keyof typeof parts) : 'files';
  const Part = parts[shown];
  const run = batch.unfinished_run_id ?? batch.run_id;
  // One that was never synced is on no device.
  const cleaned = batch.synced_at === null ? 'filesGo' : 'deviceCleaned';
  const count = batchesTexts.files(batch.file_count, formatInteger(batch.file_count));
  return (
    <Stack gap="md">
      <Group gap="md">
        <BatchMark batch={batch} />
        <span>{`${count}, ${formatBytes(batch.size_bytes)}`}</span>
        <Act batch={batch} what="undo" refusal={batch.undo_refusal} />
        {batch.device_cleaned_refusal === null && <Act batch={batch} what={cleaned} refusal={null} />}
      </Group>
      {batch.reason !== null && <Text style={{ overflowWrap: 'anywhere' }}>{batch.reason}</Text>}
      {batch.is_ready && !batch.is_undone && !closed.includes(batch.status) && (
        <Suspense>
          <NextSteps batch={batch} />
        </Suspense>
      )}
      <Facts>
        <Fact name={texts.directory}>
          <Copyable value={batch.path} what={texts.directory} />
        </Fact>
        <Fact name={texts.created}>
          <RelativeTime at={batch.created_at} />
        </Fact>
        {batch.synced_at !== null && (
          <Fact name={texts.synced}>
            <RelativeTime at={batch.synced_at} />
          </Fact>
        )}
        {batch.sorted_at !== null && (
          <Fact name={texts.sorted}>
            <RelativeTime at={batch.sorted_at} />
          </Fact>
        )}
        {batch.device_cleaned_at !== null && (
          <Fact name={texts[cleaned]}>
            <RelativeTime at={batch.device_cleaned_at} /> {batchesTexts.timeline.by(batch.device_cleaned_by ?? '')}
          </Fact>
        )}
        {run !== null && (
          <Fact name={batch.unfinished_run_id === null ? texts.run : texts.unfinishedRun}>
            <RunLink id={run} isAbove />
          </Fact>
        )}
      </Facts>
      <SegmentedControl
        aria-label={texts.tabsLabel}
        value={shown}
        onChange={(chosen) => setTab(() => (chosen === 'files' ? [] : [chosen]))}
        data={Object.entries(texts.tabs).map(([value, label]) => ({ value, label }))}
      />
      <Part batch={batch} />
    </Stack>
  );
}

/** A batch beside the list. */
export function BatchDrawer() {
  const { id = '' } = useParams();
  const { search, state } = useLocation();
  const navigate = useNavigate();
  const [opened] = useOpenOnMount();
  const { data: batch, error, refetch } = useQuery(batchQuery(id), queryClient);
  const rest = new URLSearchParams(search);
  // Goes back if it was opened from the list; a link has no list to go back to.
  const close = () => {
    if ((state as { fromList?: boolean } | null)?.fromList) return navigate(-1);
    rest.delete('tab');
    return navigate({ pathname: '/files/batches', search: `${rest}` }, { replace: true, preventScrollReset: true });
  };
  // A run that is open above it takes the keys.
  const isCovered = rest.has('run');
  return (
    <Drawer
      opened={opened}
      onClose={() => void close()}
      position="right"
      size={660}
      zIndex={199}
      closeOnEscape={!isCovered}
      trapFocus={!isCovered}
      title={
        <Text component="bdi" fw={650}>
          {batch?.name ?? texts.what}
        </Text>
      }
    >
      {batch ? (
        <Shown key={batch.id} batch={batch} />
      ) : error ? (
        <LoadFailure what={texts.what} error={error} retry={refetch} />
      ) : (
        <Skeleton height={240} radius="md" role="status" aria-label={texts.loading} />
      )}
    </Drawer>
  );
}
