import { filterWord } from '@at/contracts/filter-words';
import type { FlagValues } from '@at/contracts/labels';

/** Filters of what users change. */
type FlagFilters = { reviewed: string; label: string; anomalous: string };

/** Whether a title still matches the filters of its flags. */
export const matchesFlags = (view: FlagFilters, { label, reviewed, anomalous }: FlagValues): boolean =>
  (view.reviewed === 'all' || (view.reviewed === 'true') === (reviewed === true)) &&
  (view.label === 'all' || view.label === filterWord(label) || (view.label === 'any' && label !== null)) &&
  (view.anomalous === 'all' || (view.anomalous === 'true') === anomalous);
