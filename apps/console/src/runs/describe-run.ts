import type { Run, RunProgress, RunStep } from '@at/contracts/runs';
import type { RunState } from '@at/contracts/vocabulary';
import { listsTexts } from '#lists/texts.ts';
import { formatDuration, formatInteger, none, timeOf } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { failureName, runsTexts as texts } from './texts.ts';

type RunAttempt = RunStep['attempts'][number];

/** The words of state, and the states of runs and steps behind each. */
export const stateWords = {
  waiting: ['pending', 'queued', 'retrying'],
  running: ['running', 'stopping'],
  done: ['completed', 'skipped', 'cancelled'],
  held: ['held'],
  failed: ['failed', 'timeout'],
  unknown: ['lost'],
} as const satisfies Record<string, readonly RunState[]>;

export type StateWord = keyof typeof stateWords;

const words = Object.keys(stateWords) as StateWord[];

export const wordOf = (state: RunState): StateWord =>
  words.find((word) => (stateWords[word] as readonly RunState[]).includes(state)) ?? 'unknown';

/** What the word of a state does not say; undefined: nothing. */
export const detailOf = (state: RunState): string | undefined => known(texts.details, state);

/** The word that stands for exactly these states. */
export const wordFor = (states: readonly RunState[]): StateWord | undefined =>
  words.find((word) => stateWords[word].length === states.length && states.every((state) => wordOf(state) === word));

/** The names of failures. */
export const describeFailures = (codes: readonly string[]): string => codes.map(failureName).join(listsTexts.or);

/** The name of a task; a task that this console does not know keeps its own. */
export const taskName = (task: string): string => known(texts.tasks, task) ?? task;

export const hasEnded = ({ finished_at }: Pick<Run, 'finished_at'>) => finished_at !== null;

/** Milliseconds from one time to another, or until now. */
const between = (from: string, to: string | null) =>
  Math.max(0, (to === null ? Date.now() : timeOf(to)) - timeOf(from));

type Worked = Pick<Run, 'started_at' | 'worked_ms'>;

/** How long workers have worked on it; a dash before one began. */
export const workOf = ({ started_at, worked_ms }: Worked): string =>
  started_at === null ? none : formatDuration(worked_ms);

/** The same, and how long it waited for workers, other attempts and people. */
export function workAndWaitOf(run: Worked & Pick<Run, 'created_at' | 'finished_at'>): string {
  const waited = between(run.created_at, run.finished_at) - run.worked_ms;
  return texts.work(workOf(run), waited > 0 ? formatDuration(waited) : null);
}

/** How long an attempt took, or has taken until now. */
export const attemptTime = ({ started_at, finished_at }: RunAttempt): string =>
  formatDuration(between(started_at, finished_at));

/** Such as `12 of 200 titles`. */
export function describeProgress({ done, total, unit = '' }: RunProgress): string {
  return total === undefined
    ? texts.counted(formatInteger(done), unit)
    : texts.progress(formatInteger(done), formatInteger(total), unit);
}
