import type { Run, RunProgress } from '@at/contracts/runs';
import type { RunState } from '@at/contracts/vocabulary';
import { formatDuration, formatInteger, none, timeOf } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { runsTexts as texts } from './texts.ts';

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

/** The name of a task; a task that this console does not know keeps its own. */
export const taskName = (task: string): string => known(texts.tasks, task) ?? task;

export const hasEnded = ({ finished_at }: Pick<Run, 'finished_at'>) => finished_at !== null;

/** Whether it can be continued. */
export const isRetryable = ({ state }: Pick<Run, 'state'>) => ['failed', 'cancelled', 'timeout'].includes(state);

/** How long it took, waiting included, or has taken until now; a dash before a worker began. */
export function durationOf({ started_at, finished_at }: Pick<Run, 'started_at' | 'finished_at'>): string {
  if (started_at === null) return none;
  const end = finished_at === null ? Date.now() : timeOf(finished_at);
  return formatDuration(Math.max(0, end - timeOf(started_at)));
}

/** Such as `12 of 200 titles`. */
export function describeProgress({ done, total, unit = '' }: RunProgress): string {
  return total === undefined
    ? texts.counted(formatInteger(done), unit)
    : texts.progress(formatInteger(done), formatInteger(total), unit);
}
