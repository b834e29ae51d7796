import { ActionIcon, Button, NativeSelect, Text, Tooltip } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconInfoCircle, IconRefresh } from '@tabler/icons-react';
import { type ComponentType, type ReactNode, Suspense, useState } from 'react';
import { useRevalidator } from 'react-router';
import { formatInteger } from '#ui/format.ts';
import { SearchBox } from '#ui/search-box.tsx';
import styles from './filter-bar.module.css';
import { SavedViews } from './saved-views.tsx';
import { listsTexts as texts } from './texts.ts';

/** Opens a list's filters, and says how many are set; on a phone by a sign and their number alone. */
function FiltersButton({ count, opened, onToggle }: { count: number; opened: boolean; onToggle: () => void }) {
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

/** A filter that is turned on and off by itself; on a phone in the second line. */
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

/** The choice of a list's order; on a phone in the second line. */
export function OrderSelect<Order extends string>({
  value,
  names,
  onChange,
}: {
  value: Order;
  names: Record<Order, string>;
  onChange: (order: Order) => void;
}) {
  return (
    <NativeSelect
      className={styles.order ?? ''}
      aria-label={texts.order}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Order)}
      data={(Object.keys(names) as Order[]).map((order) => ({ value: order, label: names[order] }))}
    />
  );
}

/** What stands above a list: its search, what people choose most, all the filters, and what its signs mean. */
export function FilterBar({
  page,
  search,
  filters,
  panel,
  legend: Legend,
  onRefresh,
  active,
  children,
}: {
  /** Whose views are saved: the first part of its path. */
  page: string;
  search: { label: string; hint: string; value: string; onChange: (text: string) => void };
  /** How many are set. */
  filters: number;
  /** All of them. */
  panel: ReactNode;
  legend: ComponentType;
  /** Where nothing else on the page refreshes it. */
  onRefresh?: () => void;
  /** What is set, below. */
  active?: ReactNode;
  /** Shortcuts and the order. */
  children: ReactNode;
}) {
  const { state } = useRevalidator();
  const [opened, setOpened] = useState(false);
  /** How often it was opened. */
  const [legend, setLegend] = useState(0);
  return (
    <div className={styles.bar}>
      <div className={styles.tools}>
        <SearchBox
          className={styles.search}
          aria-label={search.label}
          placeholder={search.hint}
          value={search.value}
          onSearch={search.onChange}
        />
        {children}
        <FiltersButton count={filters} opened={opened} onToggle={() => setOpened(!opened)} />
        <SavedViews page={page} />
        <Tooltip label={texts.legend}>
          <ActionIcon variant="default" size={36} aria-label={texts.legend} onClick={() => setLegend(legend + 1)}>
            <IconInfoCircle size={18} />
          </ActionIcon>
        </Tooltip>
        {onRefresh && (
          <Tooltip label={texts.refresh}>
            <ActionIcon
              variant="default"
              size={36}
              aria-label={texts.refresh}
              loading={state === 'loading'}
              onClick={onRefresh}
            >
              <IconRefresh size={18} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {opened && <Suspense fallback={<Text size="sm">{texts.loadingFilters}</Text>}>{panel}</Suspense>}
      {active}
      <Suspense>{legend > 0 && <Legend key={legend} />}</Suspense>
    </div>
  );
}
