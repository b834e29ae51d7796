import { Button, SegmentedControl } from '@mantine/core';
import { BarSelect } from '#lists/bar-select.tsx';
import { DayFilter, filterWidth, ListFilters, labelled, MoreFilters, TextFilter } from '#lists/list-filters.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { SearchBox } from '#ui/search-box.tsx';
import { activityPageTexts as texts } from './texts.ts';
import { type ActivityView, activeFilters, tabs, withoutFilters } from './view.ts';

/** Which of the two lists is shown, and its filters. */
export function FilterBar({ view, onChange }: { view: ActivityView; onChange: ChangeView<ActivityView> }) {
  const count = activeFilters(view).length;
  return (
    <ListFilters>
      <SegmentedControl
        aria-label={texts.tabsLabel}
        value={view.tab}
        onChange={(tab) => onChange({ tab: tab as ActivityView['tab'] })}
        data={tabs.map((value) => ({ value, label: texts.tabs[value] }))}
      />
      {view.tab === 'changes' && (
        <SearchBox
          className={filterWidth}
          aria-label={texts.search}
          value={view.q}
          onSearch={(q) => onChange({ q }, { replace: true })}
        />
      )}
      <MoreFilters count={count}>
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
      </MoreFilters>
      {count > 0 && (
        <Button variant="subtle" onClick={() => onChange(withoutFilters(view))}>
          {listsTexts.clearFilters}
        </Button>
      )}
    </ListFilters>
  );
}
