import { advancePipeline, type PipelineStatus, startPipeline } from '@at/contracts/pipeline';
import { retryTaskRun } from '@at/contracts/runs';
import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { Link, useLocation } from 'react-router';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { nextWriteId } from '#api/write-id.ts';
import { keyOf } from '#live/invalidations.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { runAddress } from '#runs/run-address.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { notify, notifyError } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { Status } from '#ui/status.tsx';
import { Aside } from './part.tsx';
import { pipelineTexts as texts } from './pipeline-texts.ts';
import { pipelineStatus } from './queries.ts';
import type { StepProps } from './steps.tsx';
import { filesTexts } from './texts.ts';

const ConfirmModal = lazyPart(() => import('#ui/confirm-modal.tsx'), 'ConfirmModal', 'dialog');

async function write(work: () => Promise<unknown>, failed: string): Promise<void> {
  try {
    await work();
  } catch (error) {
    notifyError(failed, error);
  }
  await queryClient.invalidateQueries({ queryKey: keyOf('files') });
}

const start = () =>
  write(async () => {
    const { data } = await call(startPipeline, { body: {}, idempotencyKey: nextWriteId() });
    if (!data.started) notify(texts.alreadyRuns);
  }, texts.notStarted);
const advance = () =>
  write(() => call(advancePipeline, { body: {}, idempotencyKey: nextWriteId() }), texts.notAdvanced);
const retry = (id: string) =>
  write(() => call(retryTaskRun, { params: { id }, body: {}, idempotencyKey: nextWriteId() }), texts.notStarted);

/** What a run of all steps does at the moment. */
function Progress({ run }: { run: PipelineStatus }) {
  const { running, error, step } = run;
  const waiting = run.debug.waiting_for;
  if (waiting !== null) return <Status tone="warning">{texts.waits(filesTexts.steps[waiting])}</Status>;
  if (running) return <Aside>{step === null ? texts.begins : texts.running(filesTexts.steps[step])}</Aside>;
  if (error === null) return null;
  return (
    <>
      <Status tone="bad">{texts.failed}</Status>
      <Aside>{error}</Aside>
    </>
  );
}

/** Starts a run of all steps, shows which one it is at, and lets a step begin that waits for a person. */
export function RunAll({ found }: Pick<StepProps, 'found'>) {
  const { data: run, error, refetch } = useQuery(pipelineStatus, queryClient);
  const refusal = useRefusal(startPipeline.config.role) ?? undefined;
  const [asks, setAsks] = useState(false);
  const { search } = useLocation();
  if (!run) return error && <LoadFailure what={texts.what} error={error} retry={refetch} />;
  const { run_id, running } = run;
  const isReady = (['source', 'batch'] as const).every((name) =>
    found.storage.some(({ place, state }) => place === name && state === 'ready'),
  );
  const reason = refusal ?? (isReady ? undefined : texts.noFolders);
  const hasFailed = !running && run.error !== null;
  return (
    <Group gap="sm">
      <Progress run={run} />
      {run_id !== null && (running || hasFailed) && (
        <Link to={runAddress(search, run_id)} state={{ fromList: true }} preventScrollReset>
          {texts.show}
        </Link>
      )}
      {run.debug.waiting_for !== null && (
        <ReasonButton size="compact-sm" reason={refusal} onClick={() => void advance()}>
          {texts.proceed}
        </ReasonButton>
      )}
      {hasFailed && run_id !== null && (
        <ReasonButton size="compact-sm" reason={reason} onClick={() => void retry(run_id)}>
          {texts.again}
        </ReasonButton>
      )}
      {!running && (
        <ReasonButton size="compact-sm" reason={reason} onClick={() => setAsks(true)}>
          {texts.start}
        </ReasonButton>
      )}
      <Suspense>
        {asks && (
          <ConfirmModal
            opened
            title={texts.title}
            text={texts.text}
            verb={texts.start}
            onClose={() => setAsks(false)}
            onConfirm={() => void start()}
          />
        )}
      </Suspense>
    </Group>
  );
}
