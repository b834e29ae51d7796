import { ActionIcon, Button, Text } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconInfoCircle, IconRefresh, IconX } from '@tabler/icons-react';
import { type ComponentProps, type ComponentType, type ReactNode, Suspense, useState } from 'react';
import { useRevalidator } from 'react-router';
import { lazyPart } from '#live/lazy-part.ts';
import { formatInteger } from '#ui/format.ts';
import { SearchBox } from '#ui/search-box.tsx';
import type { ActiveFilter, FilterDefinition } from './define-view.ts';
import styles from './filter-bar.module.css';
import type { FilterField } from './filter-panel.tsx';
import { SavedViews } from './saved-views.tsx';
import { listsTexts as texts } from './texts.ts';
import type { ChangeView } from './use-view.ts';

/** Opens the filters of a list and shows how many are set; on a phone only an icon and the number. */
export function FiltersButton({ count, opened, onToggle }: { count: number; opened: boolean; onToggle: () => void }) {
  const shown = formatInteger(count);
  return (
    <Button
      className={styles.filters ?? ''}
      variant={opened ? 'light' : 'default'}
      leftSection={<IconAdjustmentsHorizontal size={16} />}
      aria-expanded={opened}
      data-count={count > 0 || undefined}
      onClick={onToggle}
    >
      <span className={styles.name}>{count > 0 ? texts.filtersSet(shown) : texts.filters}</span>
      {count > 0 && (
        <span className={styles.count} aria-hidden>
          {shown}
        </span>
      )}
    </Button>
  );
}

/** Turns one filter on and off; on a phone in the second line. */
export function FilterShortcut({
  icon,
  pressed,
  onClick,
  children,
}: {
  icon?: ReactNode;
  pressed: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Button
      className={styles.shortcut ?? ''}
      variant={pressed ? 'light' : 'default'}
      leftSection={icon}
      aria-pressed={pressed}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}

/** The filters that are set, each removed by a click. */
function ActiveFilters<View>({
  active,
  onChange,
  onClear,
}: {
  active: readonly ActiveFilter<View>[];
  onChange: ChangeView<View>;
  onClear: () => void;
}) {
  return (
    <div className={styles.active}>
      {active.map(({ text, without }) => (
        <Button
          key={text}
          className={styles.chip ?? ''}
          size="compact-sm"
          radius="xl"
          variant="light"
          rightSection={<IconX size={13} />}
          aria-label={texts.removeFilter(text)}
          onClick={() => onChange(without)}
        >
          <bdi>{text}</bdi>
        </Button>
      ))}
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
        {texts.clearFilters}
      </Button>
    </div>
  );
}

/** The panel with these fields, loaded when it opens. */
export const lazyFilters = <View extends { bounds?: object }>(
  read: () => Promise<{ filterFields: readonly FilterField<View>[] }>,
) =>
  lazyPart(async () => {
    const [{ FilterPanel }, { filterFields }] = await Promise.all([import('./filter-panel.tsx'), read()]);
    type Props = Omit<ComponentProps<typeof FilterPanel<View>>, 'fields'> & { without: readonly string[] };
    const Panel = ({ without, ...props }: Props) => {
      const fields = filterFields.filter((field) => !without.includes('column' in field ? field.column : field.name));
      return <FilterPanel<View> fields={fields} {...props} />;
    };
    return { Panel };
  }, 'Panel');

/** The bar above a list: its search, shortcuts, filters, saved views and legend. On a phone the filters are a sheet. */
export function FilterBar<View extends { q: string; bounds?: object }>({
  page,
  view,
  definition: { chips, withoutFilters },
  search,
  panel: Panel,
  without = [],
  legend: Legend,
  onChange,
  onRefresh,
  children,
}: {
  /** The first part of its path, which names its saved views. */
  page: string;
  view: View;
  definition: Pick<FilterDefinition<View>, 'chips' | 'withoutFilters'>;
  /** What the search finds. */
  search: string;
  panel: ReturnType<typeof lazyFilters<View>>;
  /** Filters that are not offered now, by field or column. */
  without?: readonly string[];
  legend: ComponentType;
  onChange: ChangeView<View>;
  /** If nothing else on the page refreshes it. */
  onRefresh?: () => void;
  /** Shortcuts and the order. */
  children: ReactNode;
}) {
  const { state } = useRevalidator();
  const [opened, setOpened] = useState(false);
  /** How often the legend was opened. */
  const [legend, setLegend] = useState(0);
  const active = chips(view);
  return (
    <div className={styles.bar}>
      <div className={styles.tools}>
        <SearchBox
          className={styles.search}
          aria-label={search}
          value={view.q}
          onSearch={(q) => onChange({ q } as Partial<View>, { replace: true })}
        />
        {children}
        <FiltersButton count={active.length} opened={opened} onToggle={() => setOpened(!opened)} />
        <SavedViews page={page} />
        <ActionIcon
          variant="default"
          size={36}
          aria-label={texts.legend}
          data-tooltip={texts.legend}
          onClick={() => setLegend(legend + 1)}
        >
          <IconInfoCircle size={18} />
        </ActionIcon>
        {onRefresh && (
          <ActionIcon
            variant="default"
            size={36}
            aria-label={texts.refresh}
            data-tooltip={texts.refresh}
            loading={state === 'loading'}
            onClick={onRefresh}
          >
            <IconRefresh size={18} />
          </ActionIcon>
        )}
      </div>
      {opened && (
        <Suspense fallback={<Text size="sm">{texts.loadingFilters}</Text>}>
          <Panel view={view} without={without} onChange={onChange} onClose={() => setOpened(false)} />
        </Suspense>
      )}
      {active.length > 0 && (
        <ActiveFilters active={active} onChange={onChange} onClear={() => onChange(withoutFilters(view))} />
      )}
      <Suspense>{legend > 0 && <Legend key={legend} />}</Suspense>
    </div>
  );
}
