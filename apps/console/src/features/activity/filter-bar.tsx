import { SegmentedControl } from '@mantine/core';
import { BarSelect } from '#lists/bar-select.tsx';
import { DayFilter, ListFilters, labelled, TextFilter } from '#lists/list-filters.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { activityPageTexts as texts } from './texts.ts';
import { type ActivityView, activityView, tabs } from './view.ts';

/** Which of the two lists is shown, and its filters. */
export function FilterBar({ view, onChange }: { view: ActivityView; onChange: ChangeView<ActivityView> }) {
  return (
    <ListFilters
      view={view}
      definition={activityView}
      onChange={onChange}
      search={view.tab === 'changes' && texts.search}
      first={
        <SegmentedControl
          aria-label={texts.tabsLabel}
          value={view.tab}
          onChange={(tab) => onChange({ tab: tab as ActivityView['tab'] })}
          data={tabs.map((value) => ({ value, label: texts.tabs[value] }))}
        />
      }
    >
      <TextFilter
        label={texts.who}
        placeholder={texts.whoPlaceholder}
        value={view.actor}
        onText={(actor) => onChange({ actor }, { replace: true })}
      />
      <DayFilter view={view} onChange={onChange} />
      {view.tab === 'changes' ? (
        <BarSelect
          label={texts.type}
          value={view.type}
          names={labelled(texts.type, texts.types)}
          onChange={(type) => onChange({ type })}
        />
      ) : (
        <>
          <BarSelect
            label={texts.state}
            value={view.state}
            names={labelled(texts.state, texts.states)}
            onChange={(state) => onChange({ state })}
          />
          <BarSelect
            label={texts.subject}
            value={view.subject}
            names={labelled(texts.subject, texts.subjects)}
            onChange={(subject) => onChange({ subject })}
          />
        </>
      )}
    </ListFilters>
  );
}
