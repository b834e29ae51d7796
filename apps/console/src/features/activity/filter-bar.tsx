import { longestText } from '@at/contracts/paging';
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { BarSelect } from '#lists/bar-select.tsx';
import { FilterShortcut } from '#lists/filter-bar.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { SearchBox } from '#ui/search-box.tsx';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import styles from './activity.module.css';
import { activityPageTexts as texts } from './texts.ts';
import { type ActivityView, activeFilters, tabs, withoutFilters } from './view.ts';

/** Milliseconds without typing before the list loads again. */
const settle = 180;

/** The choices of a filter, each with its name. */
const labelled = <Choice extends string>(label: string, names: Record<Choice, string>) =>
  Object.fromEntries(
    Object.entries<string>(names).map(([choice, name]) => [choice, texts.labelled(label, name)]),
  ) as Record<Choice, string>;

/** Which of the two lists is shown, and its filters. */
export function FilterBar({ view, onChange }: { view: ActivityView; onChange: ChangeView<ActivityView> }) {
  return (
    <div className={styles.tools}>
      <SegmentedControl
        aria-label={texts.tabsLabel}
        value={view.tab}
        onChange={(tab) => onChange({ tab: tab as ActivityView['tab'] })}
        data={tabs.map((value) => ({ value, label: texts.tabs[value] }))}
      />
      <FilterShortcut
        pressed={view.day === 'today'}
        onClick={() => onChange({ day: view.day === 'today' ? 'any' : 'today' })}
      >
        {texts.days.today}
      </FilterShortcut>
      <BarSelect
        label={texts.day}
        value={view.day}
        names={labelled(texts.day, texts.days)}
        onChange={(day) => onChange({ day })}
      />
      {view.day === 'dates' &&
        (['from', 'to'] as const).map((name) => (
          <TextInput
            key={name}
            type="date"
            aria-label={texts.dates[name]}
            value={view[name]}
            onChange={(event) => onChange({ [name]: event.currentTarget.value }, { replace: true })}
          />
        ))}
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
      {view.tab === 'changes' && (
        <SearchBox
          className={styles.search}
          aria-label={texts.search}
          value={view.q}
          onSearch={(q) => onChange({ q }, { replace: true })}
        />
      )}
      <ActorInput value={view.actor} onActor={(actor) => onChange({ actor }, { replace: true })} />
      {activeFilters(view).length > 0 && (
        <Button variant="subtle" onClick={() => onChange(withoutFilters(view))}>
          {listsTexts.clearFilters}
        </Button>
      )}
    </div>
  );
}

function ActorInput({ value, onActor }: { value: string; onActor: (actor: string) => void }) {
  const [text, write] = useDebouncedValue(value, onActor, settle);
  return (
    <TextInput
      className={styles.search ?? ''}
      aria-label={texts.who}
      placeholder={texts.whoPlaceholder}
      title={texts.who}
      maxLength={longestText}
      value={text}
      onChange={(event) => write(event.currentTarget.value)}
    />
  );
}
