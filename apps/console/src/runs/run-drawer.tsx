import { undoFileMoves } from '@at/contracts/moves';
import { cancelTaskRun, type RunDetails } from '@at/contracts/runs';
import { Drawer, SegmentedControl, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useRef, useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { useUrlValues } from '#lists/use-url-values.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { once } from '#ui/double-clicks.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { hasEnded, taskName, workAndWaitOf } from './describe-run.ts';
import { nameSubjects, subjectsOf } from './name-subjects.ts';
import { runAddress } from './run-address.ts';
import { outputTitles, RunData } from './run-data.tsx';
import { ProgressMark, Starter, StateMark, Subject } from './run-parts.tsx';
import { changeRun, type RunChange, runQuery } from './run-query.ts';
import { RunSteps } from './run-steps.tsx';
import styles from './runs.module.css';
import { runsTexts as texts } from './texts.ts';

const RunLog = lazyPart(() => import('./run-log.tsx'), 'RunLog');

function Act({
  run: { id, role },
  change,
  label,
  reason,
  isPrimary = false,
}: {
  run: RunDetails;
  change: RunChange;
  label: string;
  reason?: string | undefined;
  isPrimary?: boolean;
}) {
  const [isBusy, setBusy] = useState(false);
  const roles = { cancel: cancelTaskRun.config.role, undo: undoFileMoves.config.role, retry: role, approve: role };
  const refusal = useRefusal(roles[change.how]);
  const act = async () => {
    setBusy(true);
    await changeRun(id, change);
    setBusy(false);
  };
  return (
    <span {...once}>
      <ReasonButton
        size="compact-sm"
        variant={isPrimary ? 'filled' : 'default'}
        reason={refusal ?? reason}
        loading={isBusy}
        onClick={() => void act()}
      >
        {label}
      </ReasonButton>
    </span>
  );
}

/** What can be done with a run: an approval where a step waits for one, else a cancel while it goes on, or a retry, and the undo of what it has moved. */
function Acts({ run }: { run: RunDetails }) {
  const { state, steps } = run;
  if (hasEnded(run)) {
    const { retry_refusal: refusal, undo } = run;
    const reason = refusal === 'spent' || refusal === 'overtaken' ? texts.noRetry[refusal] : undefined;
    return (
      <>
        {(refusal === null || reason !== undefined) && (
          <Act run={run} change={{ how: 'retry' }} label={texts.acts.retry} reason={reason} isPrimary />
        )}
        {undo === 'possible' && <Act run={run} change={{ how: 'undo' }} label={texts.acts.undo} />}
        {undo === 'done' && <span>{texts.isUndone}</span>}
      </>
    );
  }
  const held = steps.flatMap((step) => (step.state === 'held' && step.ref !== null ? [step.ref] : []));
  return (
    <>
      {held.map((ref) => (
        <Act key={ref} run={run} change={{ how: 'approve', ref }} label={texts.approve(ref)} isPrimary />
      ))}
      <Act
        run={run}
        change={{ how: 'cancel' }}
        label={texts.acts.cancel}
        reason={state === 'stopping' ? texts.isStopping : undefined}
      />
    </>
  );
}

function Shown({ run }: { run: RunDetails }) {
  const titles = run.steps.flatMap(({ output }) => outputTitles(run.task, output));
  const named = useQuery(
    {
      queryKey: ['run-names', run.subject_type, run.subject_id, titles],
      queryFn: ({ signal }) => nameSubjects([run, ...subjectsOf('title', titles)], signal),
    },
    queryClient,
  );
  const names = named.data ?? new Map<string, string>();
  const [[tab = 'steps'], setTab] = useUrlValues('run_tab');
  const { search } = useLocation();
  const isGoing = !hasEnded(run);
  return (
    <Stack gap="md">
      <div className={styles.head}>
        <StateMark state={run.state} repairedBy={run.repaired_by} />
        {run.started_at !== null && <span>{workAndWaitOf(run)}</span>}
        {run.subject_type !== null && <Subject run={run} names={names} />}
        <Acts run={run} />
        {run.repaired_by !== null && (
          <Link to={runAddress(search, run.repaired_by)} replace preventScrollReset>
            {texts.repaired}
          </Link>
        )}
      </div>
      {run.progress !== null && <ProgressMark progress={run.progress} isGoing={isGoing} />}
      <SegmentedControl
        aria-label={texts.tabsLabel}
        value={tab in texts.tabs ? tab : 'steps'}
        onChange={(chosen) => setTab(() => (chosen === 'steps' ? [] : [chosen]))}
        data={Object.entries(texts.tabs).map(([value, label]) => ({ value, label }))}
      />
      {tab === 'data' ? (
        <RunData run={run} names={names} />
      ) : tab === 'log' ? (
        <Suspense>
          <RunLog id={run.id} />
        </Suspense>
      ) : (
        <RunSteps steps={run.steps} />
      )}
      <footer className={styles.foot}>
        {texts.startedBy} <Starter run={run} /> <RelativeTime at={run.created_at} />
        {run.finished_at !== null && (
          <>
            , {texts.ended} <RelativeTime at={run.finished_at} />
          </>
        )}
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
