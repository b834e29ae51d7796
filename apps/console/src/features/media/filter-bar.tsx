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
  inTransmission,
  isInTransmission,
  type MediaView,
  mediaView,
  toggleErrors,
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
      definition={mediaView}
      search={{ label: texts.searchLabel, hint: texts.searchPlaceholder }}
      panel={panel}
      legend={Legend}
      onChange={onChange}
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
