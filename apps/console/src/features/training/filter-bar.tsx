import { ActionIcon, Button, NativeSelect, Text, Tooltip } from '@mantine/core';
import { IconInfoCircle, IconRefresh } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useRevalidator } from 'react-router';
import { FiltersButton } from '#shared/filters-button.tsx';
import { formatInteger } from '#shared/format.ts';
import { SavedViews } from '#shared/saved-views.tsx';
import { SearchBox } from '#shared/search-box.tsx';
import { useStore } from '#shared/store.ts';
import { trainingTexts as texts } from '#shared/texts/training.ts';
import type { ChangeView } from '#shared/use-view.ts';
import { backlog } from './backlog.ts';
import styles from './filter-bar.module.css';
import { backlogOf, countFilters, longestSearch, type Order, orders, passOf, type TrainingView } from './filters.ts';

const FilterPanel = lazy(() => import('./filter-panel.tsx').then((module) => ({ default: module.FilterPanel })));
const Legend = lazy(() => import('#shared/legend-drawer.tsx').then((module) => ({ default: module.LegendDrawer })));

const searchId = 'training-search';
export const focusSearch = () => document.getElementById(searchId)?.focus();

/** Random starts somewhere else each time it is chosen. */
const newSeed = () => Math.floor(performance.timeOrigin + performance.now()).toString(36);

/** Search, order, filters, and the way back to the backlog. */
export function FilterBar({
  view,
  onChange,
  onRefresh,
}: {
  view: TrainingView;
  onChange: ChangeView<TrainingView>;
  onRefresh: () => void;
}) {
  const waiting = useStore(backlog);
  const { state } = useRevalidator();
  const [panel, setPanel] = useState(false);
  /** How often it was opened. */
  const [legend, setLegend] = useState(0);
  const filters = countFilters(view);
  const isBacklog = passOf(view) === passOf(backlogOf(view));
  return (
    <div className={styles.bar}>
      <div className={styles.tools}>
        <SearchBox
          id={searchId}
          className={styles.search}
          aria-label={texts.search}
          placeholder={texts.searchHint}
          maxLength={longestSearch}
          value={view.q}
          onSearch={(q) => onChange({ q }, { replace: true })}
        />
        <Button
          className={styles.backlog ?? ''}
          variant={isBacklog ? 'light' : 'default'}
          aria-pressed={isBacklog}
          onClick={() => onChange(backlogOf(view))}
        >
          {texts.backlog(waiting === null ? '…' : formatInteger(waiting))}
        </Button>
        <NativeSelect
          className={styles.order ?? ''}
          aria-label={texts.order}
          value={view.order}
          onChange={(event) => {
            const order = event.currentTarget.value as Order;
            onChange({ order, seed: order === 'random' ? newSeed() : '' });
          }}
          data={(Object.keys(orders) as Order[]).map((value) => ({ value, label: texts.orders[value] }))}
        />
        <FiltersButton
          name={filters > 0 ? texts.filtersSet(formatInteger(filters)) : texts.filters}
          count={filters}
          opened={panel}
          onToggle={() => setPanel(!panel)}
        />
        <SavedViews page="training" />
        <Tooltip label={texts.legend}>
          <ActionIcon variant="default" size={36} aria-label={texts.legend} onClick={() => setLegend(legend + 1)}>
            <IconInfoCircle size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={texts.refresh}>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={texts.refresh}
            loading={state === 'loading'}
            onClick={onRefresh}
          >
            <IconRefresh size={18} />
          </ActionIcon>
        </Tooltip>
      </div>
      {panel && (
        <Suspense fallback={<Text size="sm">{texts.loadingFilters}</Text>}>
          <FilterPanel view={view} onChange={onChange} />
        </Suspense>
      )}
      <Suspense>{legend > 0 && <Legend key={legend} />}</Suspense>
    </div>
  );
}
