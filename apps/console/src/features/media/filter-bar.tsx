import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { FilterBar, FilterShortcut, lazyFilters } from '#lists/filter-bar.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { formatInteger } from '#ui/format.ts';
import { mediaStats } from './media-stats.ts';
import { mediaTexts as texts } from './texts.ts';
import { downloads, isShown, type MediaView, mediaView, type Shortcut, showsAll, toggleShortcut } from './view.ts';

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
  const countOf = (name: Shortcut) =>
    stats &&
    {
      errors: stats.error_status.true,
      toApprove: stats.to_approve,
      downloads: downloads.reduce((sum, status) => sum + (stats.pipeline_status[status] ?? 0), 0),
    }[name];
  return (
    <FilterBar
      page="media"
      view={view}
      definition={mediaView}
      search={texts.searchLabel}
      panel={panel}
      legend={Legend}
      onChange={onChange}
      onRefresh={onRefresh}
    >
      {(Object.keys(texts.shortcuts) as Shortcut[]).map((name) => (
        <FilterShortcut
          key={name}
          icon={name === 'errors' && <IconAlertTriangle size={16} />}
          pressed={isShown(view, name)}
          onClick={() => onChange(toggleShortcut(view, name))}
        >
          {texts.shortcuts[name]}
          {/* Only if a click shows that many. */}
          {showsAll(view) && ` (${formatInteger(countOf(name))})`}
        </FilterShortcut>
      ))}
    </FilterBar>
  );
}
