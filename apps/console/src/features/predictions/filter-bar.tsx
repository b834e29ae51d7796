import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { FilterBar, OrderSelect } from '#lists/filter-bar.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import styles from './predictions.module.css';
import { predictionTexts as texts } from './texts.ts';
import { type ActiveFilter, activeFilters, type PredictionsView, withoutFilters } from './view.ts';

const PredictionFilters = lazyPart(() => import('./filter-panel.tsx'), 'PredictionFilters');
const Legend = lazyPart(() => import('#titles/legend-drawer.tsx'), 'LegendDrawer');

type Props = { view: PredictionsView; onChange: ChangeView<PredictionsView> };

/** Each filter that is set, taken away by a click. */
function ActiveFilters({ view, active, onChange }: Props & { active: ActiveFilter[] }) {
  return (
    <div className={styles.active}>
      {active.map(({ words, without }) => (
        <Button
          key={words}
          className={styles.chip ?? ''}
          size="compact-sm"
          radius="xl"
          variant="light"
          rightSection={<IconX size={13} />}
          aria-label={texts.removeFilter(words)}
          onClick={() => onChange(without)}
        >
          <bdi>{words}</bdi>
        </Button>
      ))}
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => onChange(withoutFilters(view))}>
        {listsTexts.clearFilters}
      </Button>
    </div>
  );
}

/** What the list shows, in which order. */
export function PredictionBar({ view, onChange }: Props) {
  const active = activeFilters(view);
  return (
    <FilterBar
      page="predictions"
      search={{
        label: texts.search,
        hint: texts.searchPlaceholder,
        value: view.q,
        onChange: (q) => onChange({ q }, { replace: true }),
      }}
      filters={active.length}
      panel={<PredictionFilters view={view} onChange={onChange} />}
      legend={Legend}
      active={active.length > 0 && <ActiveFilters view={view} active={active} onChange={onChange} />}
    >
      <OrderSelect value={view.order} names={texts.orders} onChange={(order) => onChange({ order })} />
    </FilterBar>
  );
}
