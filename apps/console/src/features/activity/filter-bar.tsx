import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import type { ChangeView } from '#lists/use-view.ts';
import { SearchBox } from '#ui/search-box.tsx';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import styles from './activity.module.css';
import { activityPageTexts as texts } from './texts.ts';
import { type ActivityView, isFiltered, longest, tabs, withoutFilters } from './view.ts';

/** Milliseconds the typing rests before the list is read anew. */
const settle = 180;

const optionsOf = (names: Record<string, string>) => Object.entries(names).map(([value, label]) => ({ value, label }));

/** Which of the two lists is shown, and what it is narrowed to. */
export function FilterBar({ view, onChange }: { view: ActivityView; onChange: ChangeView<ActivityView> }) {
  return (
    <div className={styles.tools}>
      <SegmentedControl
        aria-label={texts.tabsLabel}
        value={view.tab}
        onChange={(tab) => onChange({ tab: tab as ActivityView['tab'] })}
        data={tabs.map((value) => ({ value, label: texts.tabs[value] }))}
      />
      {view.tab === 'changes' ? (
        <NativeSelect
          aria-label={texts.type}
          value={view.type}
          onChange={({ currentTarget: { value } }) => onChange({ type: value as ActivityView['type'] })}
          data={optionsOf(texts.types)}
        />
      ) : (
        <>
          <NativeSelect
            aria-label={texts.state}
            value={view.state}
            onChange={({ currentTarget: { value } }) => onChange({ state: value as ActivityView['state'] })}
            data={optionsOf(texts.states)}
          />
          <NativeSelect
            aria-label={texts.subject}
            value={view.subject}
            onChange={({ currentTarget: { value } }) => onChange({ subject: value as ActivityView['subject'] })}
            data={optionsOf(texts.subjects)}
          />
        </>
      )}
      <SearchBox
        className={styles.search}
        aria-label={texts.who}
        placeholder={texts.whoPlaceholder}
        value={view.actor}
        onSearch={(actor) => onChange({ actor }, { replace: true })}
      />
      {view.tab === 'changes' && (
        <TitleInput value={view.imdb_id} onTitle={(imdb_id) => onChange({ imdb_id }, { replace: true })} />
      )}
      {isFiltered(view) && (
        <Button variant="subtle" onClick={() => onChange(withoutFilters(view))}>
          {texts.clear}
        </Button>
      )}
    </div>
  );
}

function TitleInput({ value, onTitle }: { value: string; onTitle: (imdbId: string) => void }) {
  const [text, write] = useDebouncedValue(value, onTitle, settle);
  return (
    <TextInput
      className={styles.search ?? ''}
      aria-label={texts.title}
      placeholder={texts.titlePlaceholder}
      maxLength={longest.imdb_id}
      value={text}
      onChange={(event) => write(event.currentTarget.value)}
    />
  );
}
