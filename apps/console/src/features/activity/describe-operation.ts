import type { Operation } from '@at/contracts/bulk';
import { describeCounts, endedItems, hasEnded } from '#bulk/bulk-operation.ts';
import { bulkTexts } from '#bulk/texts.ts';
import { columnName, shownValue } from '#ui/describe-changes.ts';
import { formatInteger } from '#ui/format.ts';
import type { Tone } from '#ui/status.tsx';
import { activityPageTexts as texts } from './texts.ts';

/** Such as `Re-ingest`. */
export const actionOf = ({ action, inverse_of }: Operation) =>
  inverse_of === null ? texts.actions[action] : bulkTexts.undone(texts.actions[action]);

/** `Re-ingest: 120 media items`. */
export const titleOf = (operation: Operation) =>
  `${actionOf(operation)}: ${bulkTexts.items(operation.total, formatInteger(operation.total), operation.subject)}`;

/** Its state; a dropped preview has never run. */
export const stateOf = ({ state, started_at }: Operation) =>
  state === 'cancelled' && started_at === null ? texts.dropped : texts.stateNames[state];

export function toneOf({ state, started_at, counts }: Operation): Tone {
  if (state === 'cancelled' && started_at !== null) return 'warning';
  if (state !== 'done') return 'neutral';
  return counts.conflict + counts.failed > 0 ? 'warning' : 'good';
}

export const isRunning = ({ state }: Operation) => state === 'running' || state === 'cancelling';

/** Its progress, or the results of its items; empty if the state says enough. */
export function progressOf(operation: Operation): string {
  const { total, counts, started_at } = operation;
  if (isRunning(operation)) {
    return bulkTexts.progress(formatInteger(endedItems(operation)), formatInteger(total));
  }
  return hasEnded(operation) && started_at !== null && counts.done < total ? describeCounts(operation) : '';
}

/** The properties of an object as `pipeline status: parsed`. */
export const membersOf = (values: object) =>
  Object.entries(values).map(([name, value]) => `${columnName(name)}: ${shownValue(value, name)}`);
