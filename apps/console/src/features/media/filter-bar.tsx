import { IconAlertTriangle, IconDownload } from '@tabler/icons-react';
import { FilterBar, FilterShortcut } from '#lists/filter-bar.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { formatInteger, none } from '#ui/format.ts';
import { countFilters, inTransmission, isInTransmission, type MediaView } from './filters.ts';
import { mediaStats } from './media-stats.ts';
import { mediaTexts as texts } from './texts.ts';

const MediaFilters = lazyPart(() => import('./filter-panel.tsx'), 'MediaFilters');
const Legend = lazyPart(() => import('./media-legend.tsx'), 'MediaLegend');

/** Search, the two filters people come for, all the others, and what the signs mean. */
export function MediaBar({
  view,
  onChange,
  onRefresh,
}: {
  view: MediaView;
  onChange: ChangeView<MediaView>;
  onRefresh: () => void;
}) {
  const stats = useStore(mediaStats);
  const errorsOnly = view.error_status === 'true';
  const transmissionOnly = isInTransmission(view);
  const moving = stats && inTransmission.reduce((sum, status) => sum + stats.pipeline_status[status], 0);
  return (
    <FilterBar
      page="media"
      search={{
        label: texts.searchLabel,
        hint: texts.searchPlaceholder,
        value: view.q,
        onChange: (q) => onChange({ q }, { replace: true }),
      }}
      filters={countFilters(view)}
      panel={<MediaFilters view={view} onChange={onChange} />}
      legend={Legend}
      onRefresh={onRefresh}
    >
      <FilterShortcut
        icon={<IconAlertTriangle size={16} />}
        pressed={errorsOnly}
        onClick={() => onChange({ error_status: errorsOnly ? 'all' : 'true' })}
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
