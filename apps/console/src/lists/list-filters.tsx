import { longestText } from '@at/contracts/paging';
import { Button, TextInput } from '@mantine/core';
import { type ReactNode, Suspense, useState } from 'react';
import { lazyPart } from '#live/lazy-part.ts';
import { SearchBox } from '#ui/search-box.tsx';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import { useIsPhone } from '#ui/use-is-phone.ts';
import { BarSelect } from './bar-select.tsx';
import type { DayView } from './days.ts';
import type { FilterDefinition } from './define-view.ts';
import { FilterShortcut, FiltersButton } from './filter-bar.tsx';
import styles from './list-filters.module.css';
import { listsTexts as texts } from './texts.ts';
import type { ChangeView } from './use-view.ts';

/** The filters of a list that has few: in one line above it. */

/** Milliseconds without typing before the list loads again. */
export const settle = 180;

const FilterSheet = lazyPart(() => import('./filter-panel.tsx'), 'FilterSheet', 'dialog');

/** The filters of a list; on a phone `children` are in a sheet. */
export function ListFilters<View extends object>({
  view,
  definition: { activeFilters, withoutFilters },
  onChange,
  search,
  first,
  last,
  children,
}: {
  view: View;
  definition: Pick<FilterDefinition<View>, 'activeFilters' | 'withoutFilters'>;
  onChange: ChangeView<View>;
  /** The name of a search box for `q`. */
  search?: string | false;
  /** At every width. */
  first?: ReactNode;
  last?: ReactNode;
  children?: ReactNode;
}) {
  const [opened, setOpened] = useState(false);
  const isPhone = useIsPhone();
  const count = activeFilters(view).length;
  return (
    <div className={styles.tools}>
      {first}
      {search && (
        <SearchBox
          className={filterWidth}
          aria-label={search}
          value={'q' in view ? String(view.q) : ''}
          onSearch={(q) => onChange({ q } as object as Partial<View>, { replace: true })}
        />
      )}
      {!isPhone && children}
      {isPhone && children && <FiltersButton count={count} opened={opened} onToggle={() => setOpened(!opened)} />}
      {isPhone && opened && (
        <Suspense>
          <FilterSheet onClose={() => setOpened(false)}>
            <div className={`${styles.tools} ${styles.sheet}`}>{children}</div>
          </FilterSheet>
        </Suspense>
      )}
      {last}
      {count > 0 && (
        <Button variant="subtle" onClick={() => onChange(withoutFilters(view))}>
          {texts.clearFilters}
        </Button>
      )}
    </div>
  );
}

export const filterWidth = styles.search ?? '';

/** The choices of a filter, each with its name. */
export const labelled = <Choice extends string>(label: string, names: Record<Choice, string>) =>
  Object.fromEntries(
    Object.entries<string>(names).map(([choice, name]) => [choice, texts.labelled(label, name)]),
  ) as Record<Choice, string>;

const all = 'all';

/** One word of a vocabulary, or any. Several words of an address, and those that `names` lacks, are one more choice. */
export function WordFilter<Word extends string>({
  label,
  any,
  names,
  words,
  describe,
  onChange,
}: {
  label: string;
  any: string;
  names: Readonly<Record<string, string>>;
  words: readonly Word[];
  describe: (words: readonly Word[]) => string;
  onChange: (words: Word[]) => void;
}) {
  const shown = words.join() || all;
  const choices: Record<string, string> = { [all]: any, ...names };
  choices[shown] ??= describe(words);
  return (
    <BarSelect
      label={label}
      value={shown}
      names={labelled(label, choices)}
      onChange={(chosen) => onChange(chosen === all ? [] : (chosen.split(',') as Word[]))}
    />
  );
}

/** A value that must match as a whole. */
export function TextFilter({
  label,
  placeholder,
  value,
  onText,
}: {
  label: string;
  placeholder: string;
  value: string;
  onText: (text: string) => void;
}) {
  const [text, write] = useDebouncedValue(value, onText, settle);
  return (
    <TextInput
      className={filterWidth}
      aria-label={label}
      placeholder={placeholder}
      title={label}
      maxLength={longestText}
      value={text}
      onChange={(event) => write(event.currentTarget.value)}
    />
  );
}

/** The days of a list. */
export function DayFilter({ view, onChange }: { view: DayView; onChange: ChangeView<DayView> }) {
  return (
    <>
      <FilterShortcut
        pressed={view.day === 'today'}
        onClick={() => onChange({ day: view.day === 'today' ? 'any' : 'today' })}
      >
        {texts.days.today}
      </FilterShortcut>
      <BarSelect
        label={texts.when}
        value={view.day}
        names={labelled(texts.when, texts.days)}
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
    </>
  );
}
