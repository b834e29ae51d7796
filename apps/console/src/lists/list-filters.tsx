import { longestText } from '@at/contracts/paging';
import { TextInput } from '@mantine/core';
import { type ReactNode, Suspense, useState } from 'react';
import { lazyPart } from '#live/lazy-part.ts';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import { useIsPhone } from '#ui/use-is-phone.ts';
import { BarSelect } from './bar-select.tsx';
import type { DayView } from './days.ts';
import { FilterShortcut, FiltersButton } from './filter-bar.tsx';
import styles from './list-filters.module.css';
import { listsTexts as texts } from './texts.ts';
import type { ChangeView } from './use-view.ts';

/** The filters of a list that has few: in one line above it. */

/** Milliseconds without typing before the list loads again. */
export const settle = 180;

export const ListFilters = ({ children }: { children: ReactNode }) => <div className={styles.tools}>{children}</div>;

const FilterSheet = lazyPart(() => import('./filter-panel.tsx'), 'FilterSheet', 'dialog');

/** Filters that are in a sheet on a phone. `count`: how many filters of the list are set. */
export function MoreFilters({ count, children }: { count: number; children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  if (!useIsPhone()) return children;
  return (
    <>
      <FiltersButton count={count} opened={opened} onToggle={() => setOpened(!opened)} />
      {opened && (
        <Suspense>
          <FilterSheet onClose={() => setOpened(false)}>
            <div className={`${styles.tools} ${styles.sheet}`}>{children}</div>
          </FilterSheet>
        </Suspense>
      )}
    </>
  );
}

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

export const filterWidth = styles.search ?? '';

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
