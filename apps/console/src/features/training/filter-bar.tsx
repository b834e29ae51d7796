import { FilterBar, FilterShortcut, OrderSelect } from '#lists/filter-bar.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { formatInteger } from '#ui/format.ts';
import { backlog } from './backlog.ts';
import { backlogOf, countFilters, passOf, type TrainingView } from './filters.ts';
import { trainingTexts as texts } from './texts.ts';

const TrainingFilters = lazyPart(() => import('./filter-panel.tsx'), 'TrainingFilters');
const Legend = lazyPart(() => import('#titles/legend-drawer.tsx'), 'LegendDrawer');

/** Random starts somewhere else each time it is chosen. */
const newSeed = () => Math.floor(performance.timeOrigin + performance.now()).toString(36);

/** Search, order, filters, and the way back to the backlog. */
export function TrainingBar({
  view,
  onChange,
  onRefresh,
}: {
  view: TrainingView;
  onChange: ChangeView<TrainingView>;
  onRefresh: () => void;
}) {
  const waiting = useStore(backlog);
  return (
    <FilterBar
      page="training"
      search={{
        label: texts.search,
        hint: texts.searchHint,
        value: view.q,
        onChange: (q) => onChange({ q }, { replace: true }),
      }}
      filters={countFilters(view)}
      panel={<TrainingFilters view={view} onChange={onChange} />}
      legend={Legend}
      onRefresh={onRefresh}
    >
      <FilterShortcut pressed={passOf(view) === passOf(backlogOf(view))} onClick={() => onChange(backlogOf(view))}>
        {texts.backlog(waiting === null ? '…' : formatInteger(waiting))}
      </FilterShortcut>
      <OrderSelect
        value={view.order}
        names={texts.orders}
        onChange={(order) => onChange({ order, seed: order === 'random' ? newSeed() : '' })}
      />
    </FilterBar>
  );
}
