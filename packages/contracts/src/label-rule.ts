import type { Label } from './vocabulary.ts';

/** The flags that a write sets; absent ones keep their value. */
export type FlagChange = { label?: Label; human_labeled?: boolean; anomalous?: boolean; reviewed?: boolean };

/** Setting a label also sets human_labeled and reviewed, and overrides their values in the change. */
export function withLabelRule(change: FlagChange): FlagChange {
  return change.label === undefined ? change : { ...change, human_labeled: true, reviewed: true };
}
