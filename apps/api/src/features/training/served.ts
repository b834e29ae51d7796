import type { TrainingOrder, TrainingSort } from '@at/contracts/training';
import type { Served } from '#lists/served.ts';

/** With `include=prediction`, as the console requests the list. */
export const served: Served<TrainingSort | TrainingOrder> = {
  filters: [
    '',
    'media_type=movie&reviewed=false',
    'media_type=movie&reviewed=true',
    'media_type=movie',
    'media_type=tv_season&reviewed=false',
    'media_type=unknown',
    'reviewed=false',
    'label=none',
    'label=would_watch',
    'media_type=movie&reviewed=false&label=none',
    'anomalous=true',
    'anomalous=false',
    'media_type=movie&reviewed=false&anomalous=true',
    'media_type=movie&reviewed=false&genre=Crime',
    'q=Mirror',
    'q=99123',
    'q=nothing-is-called-so',
    'q=Ha',
    'q=tt100123',
    'title=harbour+mirror+8',
    'media_type=movie&reviewed=false&q=Mirror',
    'decided_by=Ada&decided_at_min=2025-05-21T09:00:00Z&decided_at_max=2025-05-21T09:30:00Z',
    'media_type=movie&decided_at_min=2025-05-21T00:00:00Z&decided_at_max=2025-05-21T23:59:59.999999Z&decided_undone=false&decided_in_bulk=true',
  ],
  orders: [
    'sort_by=updated_at&sort_order=desc',
    'sort_by=updated_at&sort_order=asc',
    'order=uncertain',
    'order=disagree',
    'sort_by=probability&sort_order=desc',
    'sort_by=probability&sort_order=asc',
    'order=random&seed=7',
    'sort_by=created_at&sort_order=desc',
    'sort_by=created_at&sort_order=asc',
  ],
  quick: [
    { filters: [], orders: ['updated_at', 'created_at', 'imdb_id', 'random'] },
    { filters: ['media_type', 'reviewed'], orders: ['updated_at', 'created_at'] },
    { filters: ['anomalous=true'], orders: ['updated_at'] },
  ],
};
