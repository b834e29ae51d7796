import { cancelTaskRun, type RunDetails } from '@at/contracts/runs';
import { Drawer, SegmentedControl, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { useUrlValues } from '#lists/use-url-values.ts';
import { once } from '#ui/double-clicks.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { durationOf, hasEnded, taskName } from './describe-run.ts';
import { nameTitles, titlesOf } from './name-titles.ts';
import { outputTitles, RunData } from './run-data.tsx';
import { ProgressMark, Starter, StateMark, Subject } from './run-parts.tsx';
import { changeRun, runQuery } from './run-query.ts';
import { RunSteps } from './run-steps.tsx';
import styles from './runs.module.css';
import { runsTexts as texts } from './texts.ts';

/** Cancels while it goes on; continues after a failure. */
function Act({ run }: { run: RunDetails }) {
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal(cancelTaskRun.config.role);
  const { id, state } = run;
  const how = hasEnded(run) ? 'retry' : 'cancel';
  if (hasEnded(run) && !['failed', 'cancelled', 'timeout'].includes(state)) return null;
  const reason = refusal ?? (state === 'stopping' ? texts.isStopping : undefined);
  const act = async () => {
    setBusy(true);
    await changeRun(id, how);
    setBusy(false);
  };
  return (
    <span {...once}>
      <ReasonButton size="compact-sm" reason={reason} loading={isBusy} onClick={() => void act()}>
        {texts.acts[how]}
      </ReasonButton>
    </span>
  );
}

function Shown({ run }: { run: RunDetails }) {
  const ids = [...new Set([...titlesOf([run]), ...run.steps.flatMap(({ output }) => outputTitles(run.task, output))])];
  const named = useQuery(
    { queryKey: ['run-titles', ids], queryFn: ({ signal }) => nameTitles(ids, signal) },
    queryClient,
  );
  const names = named.data ?? new Map<string, string>();
  const [[tab = 'steps'], setTab] = useUrlValues('run_tab');
  const isGoing = !hasEnded(run);
  return (
    <Stack gap="md">
      <div className={styles.head}>
        <StateMark state={run.state} />
        {run.started_at !== null && <span>{durationOf(run)}</span>}
        {run.subject_type !== null && <Subject run={run} names={names} />}
        <Act run={run} />
      </div>
      {run.progress !== null && <ProgressMark progress={run.progress} isGoing={isGoing} />}
      <SegmentedControl
        aria-label={texts.tabsLabel}
        value={tab === 'data' ? tab : 'steps'}
        onChange={(chosen) => setTab(() => (chosen === 'data' ? ['data'] : []))}
        data={[
          { value: 'steps', label: texts.tabs.steps },
          { value: 'data', label: texts.tabs.data },
        ]}
      />
      {tab === 'data' ? <RunData run={run} names={names} /> : <RunSteps steps={run.steps} />}
      <footer className={styles.foot}>
        {texts.startedBy} <Starter run={run} /> <RelativeTime at={run.created_at} />
      </footer>
    </Stack>
  );
}

/** A run beside any page; null: it closes. */
export function RunDrawer({ id }: { id: string | null }) {
  const [isReady] = useOpenOnMount();
  const { search, state } = useLocation();
  const navigate = useNavigate();
  // The content stays while it closes.
  const last = useRef('');
  if (id !== null) last.current = id;
  const { data: run, error, refetch } = useQuery(runQuery(last.current), queryClient);
  const close = () => {
    // Goes back if it was opened from a list; a link has no list to go back to.
    if ((state as { fromList?: boolean } | null)?.fromList) return navigate(-1);
    const parameters = new URLSearchParams(search);
    for (const name of ['run', 'run_tab']) parameters.delete(name);
    return navigate({ search: `${parameters}` }, { replace: true, preventScrollReset: true });
  };
  return (
    <Drawer
      opened={isReady && id !== null}
      onClose={() => void close()}
      position="right"
      size={680}
      title={<span className={styles.heading}>{run ? taskName(run.task) : texts.run}</span>}
    >
      {run ? (
        <Shown key={run.id} run={run} />
      ) : error ? (
        <LoadFailure what={texts.theRun} error={error} retry={refetch} />
      ) : (
        <Skeleton height={240} radius="md" role="status" aria-label={texts.loading} />
      )}
    </Drawer>
  );
}
