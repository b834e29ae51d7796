import type { TrainingRow } from '@at/contracts/training';
import type { ChangeView } from '#lists/use-view.ts';
import { useLiveRows } from '#live/use-live-rows.ts';
import type { overlaid } from '#titles/title-changes.ts';
import { findMatching } from './find-matching.ts';
import { isFirstPage, queryOf, type TrainingView, trainingView } from './view.ts';

/** A page's titles, following the changes of all users; `overlays` are the user's own. */
export function useLiveTitles(
  view: TrainingView,
  rows: TrainingRow[],
  overlays: Parameters<typeof overlaid>[1],
  onChange: ChangeView<TrainingView>,
) {
  const query = queryOf(view);
  return useLiveRows<TrainingRow>({
    rows,
    toFirstPage: isFirstPage(view) ? undefined : () => onChange(trainingView.firstPage),
    types: ['title.changed', 'prediction.changed'],
    keyOf: ({ imdb_id }) => imdb_id,
    versionOf: ({ updated_at }) => updated_at,
    touches: ({ imdb_ids }) => imdb_ids ?? 'many',
    fetchRows: (keys, signal) => findMatching({ include: 'prediction' }, keys, signal),
    findNew: (keys, signal) => findMatching(query, keys, signal),
    enters: view.order === 'newest' ? 'changed' : 'added',
    isKnown: ({ imdb_id, updated_at }) => overlays.get(imdb_id)?.version === updated_at,
  });
}
