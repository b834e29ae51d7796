import { formatName, formatWord, none } from './format.ts';
import { uiTexts } from './texts.ts';

/** A value in words. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return none;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.map(shownValue).join(', ') : formatWord(String(value));
}

/** The changes of an item as `label: — → would watch`. */
export function changesOf({ before, after }: { before: object | null; after: object | null }): string[] {
  const from: Record<string, unknown> = { ...before };
  const to: Record<string, unknown> = { ...after };
  return Object.keys(to)
    .filter((name) => from[name] !== to[name])
    .map((name) => uiTexts.change(formatName(name), shownValue(from[name]), shownValue(to[name])));
}
