import type { FlagValues, LabelEvent } from '@at/contracts/labels';
import type { TrainingRow } from '@at/contracts/training';
import type { Flag } from '@at/contracts/vocabulary';
import { formatDuration, formatWord } from '#ui/format.ts';
import { describeLabelAct } from './texts.ts';

/** Texts of a title's history. */

export const flagNames: { [F in Flag]: string } = {
  label: 'Label',
  human_labeled: 'Decided by a person',
  anomalous: 'Anomalous',
  reviewed: 'Reviewed',
};

/** What a user did, after their name. */
export function describeAction({ action, changes }: Pick<LabelEvent, 'action' | 'changes'>): string {
  const [act = '', , after] = describeLabelAct(action, changes) ?? [];
  return after ? `${act} ${after}` : act;
}

/** The change that stands: the latest that is neither undone nor an undo. The history is newest first. */
export const standingOf = (history: readonly LabelEvent[]): LabelEvent | undefined =>
  history.find(({ action, undone_by }) => action === 'outside' || (action !== 'undo' && undone_by === null));

/** The change that stands, if it can be undone: the API made it. */
export function undoableOf(history: readonly LabelEvent[]): LabelEvent | undefined {
  const latest = standingOf(history);
  return latest?.action === 'outside' ? undefined : latest;
}

type Labelled = Pick<TrainingRow, 'label' | 'human_labeled' | 'updated_at'>;

/**
 * The label from before the history, which is newest first; undefined: there was none. `at`: a time when it was there, unless
 * a change with its time came after it.
 */
export function labelBefore(history: readonly LabelEvent[], title: Labelled) {
  const first = history.flatMap(({ changes }) => changes).findLast(({ field }) => field === 'label');
  const human = history.flatMap(({ changes }) => changes).findLast(({ field }) => field === 'human_labeled');
  const label = first ? first.from : title.label;
  if (typeof label !== 'string') return undefined;
  const at = history.some((event) => event.at !== null) ? undefined : title.updated_at;
  return { label, byPerson: human ? human.from === true : title.human_labeled, at };
}

/** A flag's value: `would not watch`, `unlabelled`, `yes`, `no`, `not set`. */
export function describeValue(field: Flag, value: FlagValues[Flag]): string {
  if (value === null) return field === 'label' ? 'unlabelled' : 'not set';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return formatWord(value);
}

/** How the decision was made: `decided in 1.8 s, probability hidden`; undefined: unknown. */
export function describeDecision({ decision_ms, shown }: Pick<LabelEvent, 'decision_ms' | 'shown'>) {
  const parts = [
    decision_ms !== null && `decided in ${formatDuration(decision_ms)}`,
    shown?.blind && 'probability hidden',
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : undefined;
}
