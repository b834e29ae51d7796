import { formatName, none } from './format.ts';
import { formatStatus } from './status-words.ts';
import { uiTexts } from './texts.ts';

/** A value of a column in words. */
export function shownValue(value: unknown, column: string): string {
  if (value === null || value === undefined || value === '') return none;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value)
    ? value.map((one) => shownValue(one, column)).join(', ')
    : formatStatus(column, String(value));
}

/** The changes of an item as `label: — → would watch`. */
export function changesOf({ before, after }: { before: object | null; after: object | null }): string[] {
  const from: Record<string, unknown> = { ...before };
  const to: Record<string, unknown> = { ...after };
  return Object.keys(to)
    .filter((name) => from[name] !== to[name])
    .map((name) => uiTexts.change(formatName(name), shownValue(from[name], name), shownValue(to[name], name)));
}
