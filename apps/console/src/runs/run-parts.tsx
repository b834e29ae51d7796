import type { Run, RunProgress } from '@at/contracts/runs';
import type { FailureCode, RunState } from '@at/contracts/vocabulary';
import { Progress } from '@mantine/core';
import {
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconClockPause,
  IconHelpCircle,
  IconMinus,
  IconPlayerPlay,
} from '@tabler/icons-react';
import { Link } from 'react-router';
import { WordFilter } from '#lists/list-filters.tsx';
import { titleAddress } from '#titles/title-address.ts';
import { Actor } from '#ui/actor.tsx';
import { formatName, none } from '#ui/format.ts';
import { describeFailures, describeProgress, detailOf, type StateWord, wordOf } from './describe-run.ts';
import { nameKey, type SubjectNames } from './name-subjects.ts';
import styles from './runs.module.css';
import { failureNames, runsTexts as texts } from './texts.ts';

const icons = {
  waiting: IconClock,
  running: IconPlayerPlay,
  done: IconCircleCheck,
  held: IconClockPause,
  failed: IconCircleX,
  unknown: IconHelpCircle,
} satisfies Record<StateWord, unknown>;

/** A word of state with its icon; only failed has a colour. `name` replaces the word on screen. */
export function WordMark({
  word,
  name = texts.states[word],
  detail,
}: {
  word: StateWord;
  name?: string;
  detail: string | undefined;
}) {
  const Icon = icons[word];
  return (
    <span className={styles.state} data-state={word}>
      <Icon size={16} stroke={2} aria-hidden />
      <b>{name}</b>
      {detail && <span>{detail}</span>}
    </span>
  );
}

/** The state of a run or step. */
export function StateMark({ state, repairedBy = null }: { state: RunState; repairedBy?: string | null }) {
  if (state === 'skipped') {
    return (
      <span className={styles.state}>
        <IconMinus size={16} stroke={2} aria-hidden />
        <span>{texts.details.skipped}</span>
      </span>
    );
  }
  if (repairedBy !== null) return <WordMark word="done" name={texts.states.failed} detail={texts.repairedLater} />;
  return <WordMark word={wordOf(state)} detail={detailOf(state)} />;
}

/** What a run works on. */
export function Subject({
  run: { subject_type, subject_id },
  names,
}: {
  run: Pick<Run, 'subject_type' | 'subject_id'>;
  names: SubjectNames;
}) {
  if (subject_type === null || subject_id === null) return none;
  const name = names.get(nameKey(subject_type, subject_id));
  if (subject_type === 'title' || subject_type === 'media') {
    return (
      <Link to={subject_type === 'title' ? titleAddress(subject_id) : `/media/${encodeURIComponent(subject_id)}`}>
        <bdi>{name ?? subject_id}</bdi>
      </Link>
    );
  }
  if (subject_type === 'queue_item') {
    return (
      <Link to={`/queue?item=${encodeURIComponent(subject_id)}`}>
        <bdi>{name ?? texts.subjects.queueItem(subject_id)}</bdi>
      </Link>
    );
  }
  if (subject_type === 'file_root') {
    return (
      <Link to="/files">
        <bdi>{name ?? texts.subjects.folder(subject_id)}</bdi>
      </Link>
    );
  }
  if (subject_type === 'batch') {
    return (
      <Link to={`/files/batches/${encodeURIComponent(subject_id)}`}>
        <bdi>{name ?? texts.subjects.batch(subject_id)}</bdi>
      </Link>
    );
  }
  if (subject_type === 'file') return texts.subjects.file(subject_id);
  // Only keeps two runs from one work.
  if (subject_type === 'batches') return null;
  if (subject_type === 'move') return texts.subjects.oneMove;
  if (subject_type === 'dry_run') return texts.subjects.preview;
  if (subject_type === 'operation') {
    return <Link to={`/activity/${encodeURIComponent(subject_id)}?tab=operations`}>{texts.subjects.operation}</Link>;
  }
  if (subject_type === 'run') {
    return <Link to={`/runs/${encodeURIComponent(subject_id)}`}>{texts.subjects.movesOfRun}</Link>;
  }
  if (subject_type === 'titles') {
    return subject_id === 'without facts' ? texts.subjects.withoutFacts : texts.subjects.selection;
  }
  return (
    <span className={styles.text}>
      {formatName(subject_type)} <bdi>{subject_id}</bdi>
    </span>
  );
}

/** Who or what started it. */
export function Starter({ run }: { run: Run }) {
  if (run.requested_by !== null) return <Actor name={run.requested_by} verified={run.requested_by_verified} />;
  return run.schedule === null ? texts.triggers[run.trigger] : texts.schedule(run.schedule);
}

/** How far it is; with a total also as a bar while it goes on. */
export function ProgressMark({ progress, isGoing }: { progress: RunProgress; isGoing: boolean }) {
  const text = describeProgress(progress);
  const { done, total, message } = progress;
  return (
    <span className={styles.progress}>
      {isGoing && total !== undefined && total > 0 && <Progress value={(100 * done) / total} aria-label={text} />}
      <span>{text}</span>
      {isGoing && message && <bdi className={styles.text}>{message}</bdi>}
    </span>
  );
}

/** The filter of a list by why its rows failed. */
export function FailureFilter({
  view,
  onChange,
}: {
  view: { error_code: FailureCode[] };
  onChange: (change: { error_code: FailureCode[] }) => void;
}) {
  return (
    <WordFilter
      label={texts.failure}
      any={texts.anyFailure}
      names={failureNames}
      words={view.error_code}
      describe={describeFailures}
      onChange={(error_code) => onChange({ error_code })}
    />
  );
}
