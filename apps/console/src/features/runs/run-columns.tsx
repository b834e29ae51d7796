import type { Run } from '@at/contracts/runs';
import type { TableColumn } from '#lists/data-table.tsx';
import { hasEnded, taskName, workOf } from '#runs/describe-run.ts';
import type { SubjectNames } from '#runs/name-subjects.ts';
import { RunLink } from '#runs/run-link.tsx';
import { ProgressMark, Starter, StateMark, Subject } from '#runs/run-parts.tsx';
import { none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import styles from './runs.module.css';
import { runsPageTexts } from './texts.ts';
import type { RunSort } from './view.ts';

const { columns: names } = runsPageTexts;

/** A run with the names of what the runs on the page work on. */
export type RunRow = { run: Run; names: SubjectNames };

/** How far it is, or why it failed. */
function Outcome({ run }: { run: Run }) {
  const { error, progress } = run;
  if (error !== null) return <bdi className={styles.reason}>{error.message}</bdi>;
  return progress === null ? none : <ProgressMark progress={progress} isGoing={!hasEnded(run)} />;
}

export const runColumns: readonly TableColumn<RunRow, string, RunSort>[] = [
  {
    id: 'task',
    name: names.task,
    fixed: true,
    heading: true,
    wrap: true,
    block: 'name',
    show: ({ run }) => (
      <RunLink className={styles.name} id={run.id}>
        {taskName(run.task)}
      </RunLink>
    ),
  },
  {
    id: 'state',
    name: names.state,
    wrap: true,
    block: 'end',
    show: ({ run }) => <StateMark state={run.state} repairedBy={run.repaired_by} />,
  },
  {
    id: 'subject',
    name: names.subject,
    wrap: true,
    show: ({ run, names }) =>
      run.subject_type === null || run.subject_type === 'batches' ? none : <Subject run={run} names={names} />,
  },
  { id: 'starter', name: names.starter, wrap: true, label: names.starter, show: ({ run }) => <Starter run={run} /> },
  { id: 'created', name: names.created, sort: 'created_at', show: ({ run }) => <RelativeTime at={run.created_at} /> },
  {
    id: 'ended',
    name: names.ended,
    sort: 'finished_at',
    label: names.ended,
    show: ({ run }) => (run.finished_at === null ? none : <RelativeTime at={run.finished_at} />),
  },
  {
    id: 'duration',
    name: names.duration,
    align: 'end',
    label: names.duration,
    show: ({ run }) => workOf(run),
  },
  { id: 'progress', name: names.progress, wrap: true, block: 'line', show: ({ run }) => <Outcome run={run} /> },
];
