import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
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
import { emptyQueue, waitingOf } from './queue.ts';
import type { ReviewSession } from './review-session.ts';
import { trainingTexts as texts } from './texts.ts';
import {
  isWithinBacklog,
  type TrainingView,
  tellingFilters,
  tellingOrders,
  toggleBacklog,
  trainingView,
  withinBacklog,
} from './view.ts';

const panel = lazyFilters<TrainingView>(() => import('./filter-fields.ts'));
const Legend = lazyPart(() => import('#titles/legend-drawer.tsx'), 'LegendDrawer', 'dialog');

/** Without a review. */
export const noQueue = createStore(emptyQueue);

/** A new seed for each random order. */
const newSeed = () => Math.floor(performance.timeOrigin + performance.now()).toString(36);

/**
 * The number of unreviewed films: while they are reviewed what is left with what was skipped, else the API's count. No number
 * if other filters narrow the list.
 */
function BacklogCount({ view, session }: { view: TrainingView; session: ReviewSession | undefined }) {
  const counted = useQuery(backlog, queryClient).data ?? null;
  const queue = useStore(session?.queue ?? noQueue);
  if (!isBacklog(withinBacklog(view))) return texts.backlogOnly;
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
      <FilterShortcut pressed={isWithinBacklog(view)} onClick={() => onChange(toggleBacklog(view))}>
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
