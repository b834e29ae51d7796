import { listTraining, type TrainingRow } from '@at/contracts/training';
import { Card } from '@mantine/core';
import { Link } from 'react-router';
import { call } from '#api/call.ts';
import { AllMatches } from '#lists/all-matches.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { useStore } from '#state/store.ts';
import { LabelBadge } from '#titles/label-badges.tsx';
import { overlaid, overlays, undoEvent } from '#titles/title-changes.ts';
import { TitleHistory } from '#titles/title-history.tsx';
import { blindMode } from './browser-review.ts';
import { noQueue } from './filter-bar.tsx';
import type { TrainingData } from './loader.ts';
import { trainingTexts as texts } from './texts.ts';
import { filterOf, type TrainingView, trainingView, writeView } from './view.ts';

/** How many titles are shown in place at most, each with its history. */
const shownInPlace = 3;

/** Titles that a search finds outside the filter, each with its label and its history, where the label can be undone. */
function FoundTitles({ titles, view }: { titles: readonly TrainingRow[]; view: TrainingView }) {
  const changed = useStore(overlays);
  return titles.map((found) => {
    const title = overlaid(found, changed);
    const { imdb_id, media_title, release_year } = title;
    return (
      <Card key={imdb_id} component="section" withBorder p="sm" mb="sm" aria-label={media_title}>
        <div>
          <Link style={{ color: 'inherit' }} to={{ search: `${writeView({ ...view, view: 'list' })}&open=${imdb_id}` }}>
            <bdi>{media_title}</bdi> {release_year}
          </Link>{' '}
          <LabelBadge label={title.label} />
        </div>
        <TitleHistory title={title} onUndo={(event) => void undoEvent(title, event)} />
      </Card>
    );
  });
}

const allTitles = {
  name: texts.titles,
  count: async (view: TrainingView, signal: AbortSignal) => {
    const query = { ...filterOf(view), limit: shownInPlace, count: 'estimated' } as const;
    const { pagination, data } = (await call(listTraining, { query, signal })).data;
    return { ...pagination, rows: data };
  },
};
const showTitles = (rows: readonly TrainingRow[], view: TrainingView) => <FoundTitles titles={rows} view={view} />;

/** A search stays within the filter: how many of all titles match. A few are shown in place if none is within it. */
export function Elsewhere({
  view,
  session,
  list,
  onChange,
}: {
  view: TrainingView;
  session: TrainingData['session'];
  list: TrainingData['list'];
  onChange: ChangeView<TrainingView>;
}) {
  const { left } = useStore(session?.queue ?? noQueue);
  const isBlind = useStore(blindMode);
  return (
    <AllMatches
      view={view}
      found={session ? left : (list?.data.pagination.total ?? null)}
      definition={trainingView}
      whole={{ ...allTitles, show: isBlind ? undefined : showTitles }}
      onChange={(whole) => onChange({ ...whole, view: 'list' })}
    />
  );
}
