import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { BarSelect } from '#lists/bar-select.tsx';
import { FilterBar, FilterShortcut, lazyFilters } from '#lists/filter-bar.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { formatThreshold, useOperatingThreshold } from '#titles/verdict.ts';
import { formatInteger } from '#ui/format.ts';
import { backlog } from './backlog-count.ts';
import { trainingTexts as texts } from './texts.ts';
import { backlogOf, countFilters, passOf, type TrainingView, withoutFilters } from './view.ts';

const panel = lazyFilters<TrainingView>(() => import('./filter-fields.ts'));
const Legend = lazyPart(() => import('#titles/legend-drawer.tsx'), 'LegendDrawer');

/** A new seed for each random order. */
const newSeed = () => Math.floor(performance.timeOrigin + performance.now()).toString(36);

/** Search, order, filters and the button of the backlog. */
export function TrainingBar({
  view,
  onChange,
  onRefresh,
}: {
  view: TrainingView;
  onChange: ChangeView<TrainingView>;
  onRefresh: () => void;
}) {
  const operating = useOperatingThreshold();
  const threshold = operating === undefined ? undefined : formatThreshold(operating);
  const waiting = useQuery(backlog, queryClient).data ?? null;
  const toBacklog = () => onChange(backlogOf(view));
  return (
    <FilterBar
      page="training"
      view={view}
      search={{ label: texts.search, hint: texts.searchHint }}
      count={countFilters(view)}
      panel={panel}
      panelEnd={
        <Button size="compact-sm" variant="default" onClick={toBacklog}>
          {texts.toBacklog}
        </Button>
      }
      legend={Legend}
      onChange={onChange}
      onClear={() => onChange(withoutFilters(view))}
      onRefresh={onRefresh}
    >
      <FilterShortcut pressed={passOf(view) === passOf(backlogOf(view))} onClick={toBacklog}>
        {texts.backlog(waiting === null ? '…' : formatInteger(waiting))}
      </FilterShortcut>
      <BarSelect
        value={view.order}
        names={threshold === undefined ? texts.orders : { ...texts.orders, disagree: texts.disagreesAt(threshold) }}
        onChange={(order) => onChange({ order, seed: order === 'random' ? newSeed() : '' })}
      />
    </FilterBar>
  );
}
