import { exportMovies } from '@at/contracts/movies';
import { ActionIcon, Button, NativeSelect, Text, Tooltip } from '@mantine/core';
import { IconInfoCircle, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { ExportMenu } from '#shared/export-menu.tsx';
import { FiltersButton } from '#shared/filters-button.tsx';
import { SavedViews } from '#shared/saved-views.tsx';
import { SearchBox } from '#shared/search-box.tsx';
import { predictionTexts as texts } from '#shared/texts/predictions.ts';
import type { ChangeView } from '#shared/use-view.ts';
import styles from './filter-bar.module.css';
import {
  activeFilters,
  listQuery,
  longestSearch,
  type Order,
  orders,
  type PredictionsView,
  withoutFilters,
} from './view.ts';

const FilterPanel = lazy(() => import('./filter-panel.tsx').then((module) => ({ default: module.FilterPanel })));
const Legend = lazy(() => import('#shared/legend-drawer.tsx').then((module) => ({ default: module.LegendDrawer })));

const searchId = 'prediction-search';
export const focusSearch = () => document.getElementById(searchId)?.focus();

/** What the list shows, in which order; each filter that is set is named, and taken away by a click. */
export function FilterBar({
  view,
  total,
  onChange,
}: {
  view: PredictionsView;
  /** How many titles the list has, where that is known. */
  total: number | null | undefined;
  onChange: ChangeView<PredictionsView>;
}) {
  const [panel, setPanel] = useState(false);
  /** How often it was opened. */
  const [legend, setLegend] = useState(0);
  const active = activeFilters(view);
  return (
    <div className={styles.bar}>
      <div className={styles.tools}>
        <SearchBox
          id={searchId}
          className={styles.search}
          aria-label={texts.search}
          placeholder={texts.searchPlaceholder}
          maxLength={longestSearch}
          value={view.q}
          onSearch={(q) => onChange({ q }, { replace: true })}
        />
        <NativeSelect
          className={styles.order ?? ''}
          aria-label={texts.order}
          value={view.order}
          onChange={(event) => onChange({ order: event.currentTarget.value as Order })}
          data={orders.map((value) => ({ value, label: texts.orders[value] }))}
        />
        <FiltersButton
          name={texts.filters(active.length)}
          count={active.length}
          opened={panel}
          onToggle={() => setPanel(!panel)}
        />
        <SavedViews page="predictions" />
        <ExportMenu endpoint={exportMovies} query={listQuery(view)} total={total} />
        <Tooltip label={texts.legend}>
          <ActionIcon variant="default" size={36} aria-label={texts.legend} onClick={() => setLegend(legend + 1)}>
            <IconInfoCircle size={18} />
          </ActionIcon>
        </Tooltip>
      </div>
      {panel && (
        <Suspense fallback={<Text size="sm">{texts.loadingFilters}</Text>}>
          <FilterPanel view={view} onChange={onChange} />
        </Suspense>
      )}
      {active.length > 0 && (
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
            {texts.clearFilters}
          </Button>
        </div>
      )}
      <Suspense>{legend > 0 && <Legend key={legend} />}</Suspense>
    </div>
  );
}
