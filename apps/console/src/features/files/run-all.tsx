import { advancePipeline, type PipelineStatus, startPipeline } from '@at/contracts/pipeline';
import { retryTaskRun } from '@at/contracts/runs';
import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { nextWriteId } from '#api/write-id.ts';
import { AskButton } from '#live/confirm.tsx';
import { write } from '#live/write.ts';
import { RunLink } from '#runs/run-link.tsx';
import { Aside, Failed } from '#ui/aside.tsx';
import { LoadFailure } from '#ui/load-failure.tsx';
import { notify } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { Status } from '#ui/status.tsx';
import { pipelineTexts as texts } from './pipeline-texts.ts';
import { pipelineStatus } from './queries.ts';
import type { StepProps } from './steps.tsx';
import { filesTexts } from './texts.ts';

const start = () =>
  write('files', texts.notStarted, async () => {
    const { data } = await call(startPipeline, { body: {}, idempotencyKey: nextWriteId() });
    if (!data.started) notify(texts.alreadyRuns);
  });
const advance = () =>
  write('files', texts.notAdvanced, () => call(advancePipeline, { body: {}, idempotencyKey: nextWriteId() }));
const retry = (id: string) =>
  write('files', texts.notStarted, () =>
    call(retryTaskRun, { params: { id }, body: {}, idempotencyKey: nextWriteId() }),
  );

/** What a run of all steps does at the moment. */
function Progress({ run }: { run: PipelineStatus }) {
  const { running, error, step } = run;
  const waiting = run.debug.waiting_for;
  if (waiting !== null) return <Status tone="warning">{texts.waits(filesTexts.steps[waiting])}</Status>;
  if (running) return <Aside>{step === null ? texts.begins : texts.running(filesTexts.steps[step])}</Aside>;
  if (error === null) return null;
  return <Failed title={texts.failed}>{error}</Failed>;
}

/** Starts a run of all steps, shows which one it is at, and lets a step begin that waits for a person. */
export function RunAll({ found }: Pick<StepProps, 'found'>) {
  const { data: run, error, refetch } = useQuery(pipelineStatus, queryClient);
  const refusal = useRefusal(startPipeline.config.role) ?? undefined;
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
      {run_id !== null && (running || hasFailed) && <RunLink id={run_id} />}
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
        <AskButton
          size="compact-sm"
          reason={reason}
          question={{ title: texts.title, text: texts.text, verb: texts.start }}
          onConfirm={() => void start()}
        >
          {texts.start}
        </AskButton>
      )}
    </Group>
  );
}
