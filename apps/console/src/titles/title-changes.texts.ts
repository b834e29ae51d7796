import type { FlagValues } from '@at/contracts/labels';
import { formatWord } from '#ui/format.ts';
import { uiTexts } from '#ui/texts.ts';

/** What an undo gave back, as ` (label: would watch → unlabelled)`: the label, or else another flag. */
export function valuesOfUndo(from: FlagValues, to: FlagValues): string {
  const flag = (['label', 'anomalous', 'reviewed'] as const).find((name) => from[name] !== to[name]);
  if (!flag) return '';
  const shown = (value: string | boolean | null) =>
    typeof value === 'string' ? formatWord(value) : flag === 'label' ? 'unlabelled' : value ? 'yes' : 'no';
  return ` (${uiTexts.change(flag, shown(from[flag]), shown(to[flag]))})`;
}

/** Texts of changes in a list. Names and labels come formatted. */
export const changeTexts = {
  anomalous: (isMarked: boolean) => (isMarked ? 'anomalous' : 'no longer anomalous'),
  nothingToUndo: 'Nothing to undo on this page',
  /** What was undone, before the name of its title; the values that came back follow it. */
  undid: (what: string) => `Undid ${what} on `,
  change: 'the latest change',
  confirmation: (label: string) => `the confirmation of ${label}`,
  confirmed: (label: string) => `${label} confirmed`,
  alreadyConfirmed: (name: string, label: string) => `${name}: ${label} was already confirmed`,
  refused: (name: string) => `Could not change "${name}"`,
  overtaken: (name: string, by: string, label: string | null) =>
    `${by} changed "${name}" to ${label ?? 'unlabelled'}. Your change was not saved.`,
} as const;
