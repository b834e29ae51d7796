import { refreshSyncs, type SyncStatus, startBatchSync } from '@at/contracts/sync';
import { Progress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { nextWriteId } from '#api/write-id.ts';
import { write } from '#live/write.ts';
import { RunLink } from '#runs/run-link.tsx';
import { Aside, Failed } from '#ui/aside.tsx';
import { formatBytes, formatDecimal, formatDuration, formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { notify } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import { syncOf } from './batch-queries.ts';
import { syncTexts as texts } from './sync-texts.ts';

const start = (batch: number) =>
  write('files', texts.notStarted, async () => {
    const params = { id: String(batch) };
    const { data } = await call(startBatchSync, { params, body: {}, idempotencyKey: nextWriteId() });
    if (!data.started) notify(texts.running);
  });

const look = () =>
  write('files', texts.notLooked, () => call(refreshSyncs, { body: {}, idempotencyKey: nextWriteId() }));

/** What the device has, and why it does not get more. */
function Running({ sync, reason }: { sync: SyncStatus; reason: string | undefined }) {
  const { progress, needed_items, needed_bytes, bytes_per_second, remaining_seconds, detail, state } = sync;
  const facts = [
    texts.percent(formatDecimal(progress, 1)),
    needed_items > 0 && texts.left(formatInteger(needed_items), formatBytes(needed_bytes)),
    detail === null && bytes_per_second !== null && texts.rate(formatBytes(bytes_per_second)),
    detail === null && remaining_seconds !== null && texts.remaining(formatDuration(1_000 * remaining_seconds)),
  ].filter((fact) => fact !== false);
  return (
    <>
      <Progress w="100%" value={progress} aria-label={texts.progress} />
      <Aside>{facts.join(' · ')}</Aside>
      {state === 'scanning' && <Aside>{texts.scanning}</Aside>}
      {detail !== null && (
        <>
          <Status tone="warning">{texts.waits}</Status>
          <Aside>{detail}</Aside>
          <ReasonButton size="compact-sm" reason={reason} onClick={() => void look()}>
            {texts.look}
          </ReasonButton>
        </>
      )}
    </>
  );
}

/** The sync of a batch: starts it, shows how far it is, and why it waits. `isNext`: its button stands out. */
export function BatchSync({ batch, isNext }: { batch: number; isNext: boolean }) {
  const { data: sync, error, refetch } = useQuery(syncOf(batch), queryClient);
  const refusal = useRefusal(startBatchSync.config.role) ?? undefined;
  if (!sync) return error && <LoadFailure what={texts.what} error={error} retry={refetch} />;
  const { status, can_start, detail, synced_at, run_id } = sync;
  const hasFailed = status === 'ERROR' && can_start;
  return (
    <>
      {status === 'SYNCING' && <Running sync={sync} reason={refusal} />}
      {synced_at !== null && (
        <Aside>
          {texts.synced} <RelativeTime at={synced_at} />
        </Aside>
      )}
      {status === 'SYNCED' && detail !== null && <Aside>{detail}</Aside>}
      {hasFailed && <Failed title={texts.stopped}>{detail}</Failed>}
      {run_id !== null && <RunLink id={run_id} />}
      {(can_start || status === 'PENDING') && (
        <ReasonButton
          size="compact-sm"
          {...((isNext || hasFailed) && { variant: 'filled' })}
          reason={refusal ?? (can_start ? undefined : texts.notReady)}
          onClick={() => void start(batch)}
        >
          {hasFailed ? texts.again : texts.start}
        </ReasonButton>
      )}
    </>
  );
}
