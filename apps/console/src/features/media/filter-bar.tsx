import { ActionIcon, Button, Text, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconAlertTriangle, IconDownload, IconInfoCircle, IconRefresh, IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useRevalidator } from 'react-router';
import { FiltersButton } from '#shared/filters-button.tsx';
import { formatInteger, none } from '#shared/format.ts';
import { SavedViews } from '#shared/saved-views.tsx';
import { useStore } from '#shared/store.ts';
import { mediaTexts as texts } from '#shared/texts/media.ts';
import styles from './filter-bar.module.css';
import { countFilters, inTransmission, isInTransmission, longestSearch, type MediaView } from './filters.ts';
import { mediaStats } from './media-stats.ts';

const FilterPanel = lazy(() => import('./filter-panel.tsx').then((module) => ({ default: module.FilterPanel })));
const Legend = lazy(() => import('./media-legend.tsx').then((module) => ({ default: module.MediaLegend })));

const searchId = 'media-search';
export const focusSearch = () => document.getElementById(searchId)?.focus();

export type ChangeView = (changes: Partial<MediaView>, options?: { replace?: boolean }) => void;

function Search({ value, onChange }: { value: string; onChange: ChangeView }) {
  const [text, setText] = useState(value);
  const search = useDebouncedCallback((q: string) => onChange({ q }, { replace: true }), 180);
  // Back and forward change the URL without the input.
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      id={searchId}
      className={styles.search ?? ''}
      type="search"
      aria-label={texts.searchLabel}
      placeholder={texts.searchPlaceholder}
      maxLength={longestSearch}
      leftSection={<IconSearch size={16} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
      onKeyDown={(event) => ['Enter', 'Escape'].includes(event.key) && event.currentTarget.blur()}
    />
  );
}

/** Search, the two filters people come for, all the others, and what the signs mean. */
export function FilterBar({
  view,
  onChange,
  onRefresh,
}: {
  view: MediaView;
  onChange: ChangeView;
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
        <Search value={view.q} onChange={onChange} />
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
