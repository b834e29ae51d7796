import { ActionIcon, Button, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconDownload, IconInfoCircle, IconRefresh } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useRevalidator } from 'react-router';
import { FiltersButton } from '#shared/filters-button.tsx';
import { formatInteger, none } from '#shared/format.ts';
import { SavedViews } from '#shared/saved-views.tsx';
import { SearchBox } from '#shared/search-box.tsx';
import { useStore } from '#shared/store.ts';
import { mediaTexts as texts } from '#shared/texts/media.ts';
import type { ChangeView } from '#shared/use-view.ts';
import styles from './filter-bar.module.css';
import { countFilters, inTransmission, isInTransmission, longestSearch, type MediaView } from './filters.ts';
import { mediaStats } from './media-stats.ts';

const FilterPanel = lazy(() => import('./filter-panel.tsx').then((module) => ({ default: module.FilterPanel })));
const Legend = lazy(() => import('./media-legend.tsx').then((module) => ({ default: module.MediaLegend })));

const searchId = 'media-search';
export const focusSearch = () => document.getElementById(searchId)?.focus();

/** Search, the two filters people come for, all the others, and what the signs mean. */
export function FilterBar({
  view,
  onChange,
  onRefresh,
}: {
  view: MediaView;
  onChange: ChangeView<MediaView>;
  onRefresh: () => void;
}) {
  const stats = useStore(mediaStats);
  const { state } = useRevalidator();
  const [panel, setPanel] = useState(false);
  /** How often it was opened. */
  const [legend, setLegend] = useState(0);
  const filters = countFilters(view);
  const errorsOnly = view.error_status === 'true';
  const transmissionOnly = isInTransmission(view);
  const moving = stats && inTransmission.reduce((sum, status) => sum + stats.pipeline_status[status], 0);
  return (
    <div className={styles.bar}>
      <div className={styles.tools}>
        <SearchBox
          id={searchId}
          className={styles.search}
          aria-label={texts.searchLabel}
          placeholder={texts.searchPlaceholder}
          maxLength={longestSearch}
          value={view.q}
          onSearch={(q) => onChange({ q }, { replace: true })}
        />
        <Button
          className={styles.shortcut ?? ''}
          variant={errorsOnly ? 'light' : 'default'}
          leftSection={<IconAlertTriangle size={16} />}
          aria-pressed={errorsOnly}
          onClick={() => onChange({ error_status: errorsOnly ? 'all' : 'true' })}
        >
          {texts.errorsButton(stats ? formatInteger(stats.error_status.true) : none)}
        </Button>
        <Button
          className={styles.shortcut ?? ''}
          variant={transmissionOnly ? 'light' : 'default'}
          leftSection={<IconDownload size={16} />}
          aria-pressed={transmissionOnly}
          onClick={() => onChange({ pipeline_status: transmissionOnly ? [] : [...inTransmission] })}
        >
          {texts.inTransmissionButton(formatInteger(moving))}
        </Button>
        <FiltersButton name={texts.filters(filters)} count={filters} opened={panel} onToggle={() => setPanel(!panel)} />
        <SavedViews page="media" />
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
