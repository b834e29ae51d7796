import { formatName, none } from './format.ts';
import { known } from './known-word.ts';
import { formatStatus } from './status-words.ts';
import { uiTexts } from './texts.ts';

/** A value of a column in words. */
export function shownValue(value: unknown, column: string): string {
  if (value === null || value === undefined || value === '') return column === 'label' ? 'unlabelled' : none;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value)
    ? value.map((one) => shownValue(one, column)).join(', ')
    : formatStatus(column, String(value));
}

const columnNames = { human_labeled: 'decided by a person' };

/** A column by the name that people know. */
export const columnName = (name: string) => known<string>(columnNames, name) ?? formatName(name);

/** The changes of an item as `label: unlabelled → would watch`. */
export function changesOf({ before, after }: { before: object | null; after: object | null }): string[] {
  const from: Record<string, unknown> = { ...before };
  const to: Record<string, unknown> = { ...after };
  return Object.keys(to)
    .filter((name) => from[name] !== to[name])
    .map((name) => uiTexts.change(columnName(name), shownValue(from[name], name), shownValue(to[name], name)));
}
