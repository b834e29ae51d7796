import { Button } from '@mantine/core';
import { IconAlertTriangle, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { FilterBar, FilterShortcut, lazyFilters } from '#lists/filter-bar.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { formatInteger, none } from '#ui/format.ts';
import { mediaStats } from './media-stats.ts';
import { mediaTexts as texts } from './texts.ts';
import {
  countFilters,
  inTransmission,
  isInTransmission,
  type MediaView,
  toggleErrors,
  withoutFilters,
} from './view.ts';

const panel = lazyFilters<MediaView>(() => import('./filter-fields.ts'));
const Legend = lazyPart(() => import('./media-legend.tsx'), 'MediaLegend', 'dialog');

/** Search, the two most used filters, all others and the legend. */
export function MediaBar({
  view,
  onChange,
  onRefresh,
}: {
  view: MediaView;
  onChange: ChangeView<MediaView>;
  onRefresh: () => void;
}) {
  const stats = useQuery(mediaStats, queryClient).data;
  const errorsOnly = view.error_status === 'true';
  const transmissionOnly = isInTransmission(view);
  const moving = stats && inTransmission.reduce((sum, status) => sum + (stats.pipeline_status[status] ?? 0), 0);
  return (
    <FilterBar
      page="media"
      view={view}
      search={{ label: texts.searchLabel, hint: texts.searchPlaceholder }}
      count={countFilters(view)}
      panel={panel}
      panelEnd={
        view.changed_at_min && (
          <Button size="compact-sm" variant="default" onClick={() => onChange({ changed_at_min: '' })}>
            {texts.anyTime}
          </Button>
        )
      }
      legend={Legend}
      onChange={onChange}
      onClear={() => onChange(withoutFilters(view))}
      onRefresh={onRefresh}
    >
      <FilterShortcut
        icon={<IconAlertTriangle size={16} />}
        pressed={errorsOnly}
        onClick={() => onChange(toggleErrors(view))}
      >
        {texts.errorsButton(stats ? formatInteger(stats.error_status.true) : none)}
      </FilterShortcut>
      <FilterShortcut
        icon={<IconDownload size={16} />}
        pressed={transmissionOnly}
        onClick={() => onChange({ pipeline_status: transmissionOnly ? [] : [...inTransmission] })}
      >
        {texts.inTransmissionButton(formatInteger(moving))}
      </FilterShortcut>
    </FilterBar>
  );
}
