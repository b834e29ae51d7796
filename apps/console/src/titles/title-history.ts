import type { FlagValues, LabelEvent } from '@at/contracts/labels';
import type { Flag, LabelAction } from '@at/contracts/vocabulary';
import { formatDuration, formatWord } from '#ui/format.ts';

/** Texts of a title's history. */

export const flagNames: { [F in Flag]: string } = {
  label: 'Label',
  human_labeled: 'Decided by a person',
  anomalous: 'Anomalous',
  reviewed: 'Reviewed',
};

/** What a user did, after their name; an outside change has none. */
export const actionTexts: { [A in LabelAction]: string } = {
  would_watch: 'answered would watch',
  would_not_watch: 'answered would not watch',
  label: 'set the label',
  reviewed: 'confirmed the label',
  update: 'changed the flags',
  undo: 'undid a change',
};

/** The latest change, if it can be undone: nothing else has changed the title since. The history is newest first. */
export function undoableOf(history: readonly LabelEvent[]): LabelEvent | undefined {
  const latest = history.find(
    ({ action, undone_by }) => action === 'outside' || (action !== 'undo' && undone_by === null),
  );
  return latest?.action === 'outside' ? undefined : latest;
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
