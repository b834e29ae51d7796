import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { FilterBar, FilterShortcut, lazyFilters } from '#lists/filter-bar.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { formatInteger, none } from '#ui/format.ts';
import { mediaStats } from './media-stats.ts';
import { mediaTexts as texts } from './texts.ts';
import { groupOf, type MediaView, mediaView, type StatusGroup, statusGroups, toggleErrors } from './view.ts';

const panel = lazyFilters<MediaView>(() => import('./filter-fields.ts'));
const Legend = lazyPart(() => import('./media-legend.tsx'), 'MediaLegend', 'dialog');

/** Search, the most used filters, all others and the legend. */
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
  const group = groupOf(view);
  const countOf = (name: StatusGroup) =>
    stats && statusGroups[name].reduce((sum, status) => sum + (stats.pipeline_status[status] ?? 0), 0);
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
      {(Object.keys(statusGroups) as StatusGroup[]).map((name) => (
        <FilterShortcut
          key={name}
          pressed={group === name}
          onClick={() => onChange({ pipeline_status: group === name ? [] : [...statusGroups[name]] })}
        >
          {texts.groupButtons[name](formatInteger(countOf(name)))}
        </FilterShortcut>
      ))}
    </FilterBar>
  );
}
