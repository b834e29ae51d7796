import { listTraining } from '@at/contracts/training';
import { useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { AllMatches } from '#lists/all-matches.tsx';
import { BarSelect } from '#lists/bar-select.tsx';
import { FilterBar, FilterShortcut, lazyFilters } from '#lists/filter-bar.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { createStore, useStore } from '#state/store.ts';
import { backlog } from '#titles/backlog-count.ts';
import { formatThreshold, useOperatingThreshold } from '#titles/verdict.ts';
import { formatInteger } from '#ui/format.ts';
import { isBacklog } from './backlog.ts';
import { blindMode } from './browser-review.ts';
import type { TrainingData } from './loader.ts';
import { emptyQueue, waitingOf } from './queue.ts';
import type { ReviewSession } from './review-session.ts';
import { trainingTexts as texts } from './texts.ts';
import { backlogOf, filterOf, passOf, type TrainingView, tellingFilters, tellingOrders, trainingView } from './view.ts';

const panel = lazyFilters<TrainingView>(() => import('./filter-fields.ts'));
const Legend = lazyPart(() => import('#titles/legend-drawer.tsx'), 'LegendDrawer', 'dialog');

const noQueue = createStore(emptyQueue);

/** A new seed for each random order. */
const newSeed = () => Math.floor(performance.timeOrigin + performance.now()).toString(36);

/** The number of unreviewed films: while they are reviewed what is left with what was skipped, else the API's count. */
function BacklogCount({ view, session }: { view: TrainingView; session: ReviewSession | undefined }) {
  const counted = useQuery(backlog, queryClient).data ?? null;
  const queue = useStore(session?.queue ?? noQueue);
  const waiting = session && isBacklog(view) ? waitingOf(queue) : counted;
  return texts.backlog(waiting === null ? '…' : formatInteger(waiting));
}

/** Search, order, filters and the button of the backlog. `session` is the review on screen, of the same view. */
export function TrainingBar({
  view,
  session,
  onChange,
  onRefresh,
}: {
  view: TrainingView;
  session: ReviewSession | undefined;
  onChange: ChangeView<TrainingView>;
  onRefresh: () => void;
}) {
  const operating = useOperatingThreshold();
  const threshold = operating === undefined ? undefined : formatThreshold(operating);
  const toBacklog = () => onChange(backlogOf(view));
  const isBlind = useStore(blindMode);
  return (
    <FilterBar
      page="training"
      view={view}
      definition={trainingView}
      search={texts.search}
      panel={panel}
      {...(isBlind ? { without: tellingFilters } : {})}
      legend={Legend}
      onChange={onChange}
      onRefresh={onRefresh}
    >
      <FilterShortcut pressed={passOf(view) === passOf(backlogOf(view))} onClick={toBacklog}>
        <BacklogCount view={view} session={session} />
      </FilterShortcut>
      <BarSelect
        value={view.order}
        names={threshold === undefined ? texts.orders : { ...texts.orders, disagree: texts.disagreesAt(threshold) }}
        {...(isBlind ? { without: tellingOrders } : {})}
        onChange={(order) => onChange({ order, seed: order === 'random' ? newSeed() : '' })}
      />
    </FilterBar>
  );
}

const allTitles = {
  name: texts.titles,
  count: async (view: TrainingView, signal: AbortSignal) =>
    (await call(listTraining, { query: { ...filterOf(view), limit: 1, count: 'estimated' }, signal })).data.pagination,
};

/** A search stays within the backlog: what it finds among all titles, as a list. */
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
  return (
    <AllMatches
      view={view}
      found={session ? left : (list?.data.pagination.total ?? null)}
      definition={trainingView}
      whole={allTitles}
      onChange={(whole) => onChange({ ...whole, view: 'list' })}
    />
  );
}
