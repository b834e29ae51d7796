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

/** Filters that a phone has in a sheet. `count`: how many of the list are set. */
export function MoreFilters({ count, children }: { count: number; children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  if (!useIsPhone()) return children;
  return (
    <>
      <FiltersButton count={count} opened={opened} onToggle={() => setOpened(!opened)} />
      {opened && (
        <Suspense>
          <FilterSheet onClose={() => setOpened(false)}>
            <ListFilters>{children}</ListFilters>
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
