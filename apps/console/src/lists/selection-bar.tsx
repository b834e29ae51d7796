import { Button, Text } from '@mantine/core';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { bottomBar } from '#ui/bottom-bar.ts';
import { once } from '#ui/double-clicks.ts';
import { formatInteger, formatTotal } from '#ui/format.ts';
import type { RowSelection } from './selection.ts';
import styles from './selection-bar.module.css';
import { listsTexts } from './texts.ts';

/** A native checkbox: every row has one. */
function Box({
  name,
  checked,
  some = false,
  onToggle,
}: {
  name: string;
  checked: boolean;
  some?: boolean;
  onToggle: (range: boolean) => void;
}) {
  const element = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (element.current) element.current.indeterminate = some;
  }, [some]);
  return (
    <label className={styles.box}>
      <input
        ref={element}
        type="checkbox"
        aria-label={name}
        checked={checked}
        onChange={({ nativeEvent }) => onToggle(nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)}
      />
    </label>
  );
}

/** Selects a row; with Shift every row from the last one on. */
export function SelectRow({
  name,
  checked,
  onToggle,
}: {
  name: string;
  checked: boolean;
  onToggle: (range: boolean) => void;
}) {
  return <Box name={listsTexts.select(name)} checked={checked} onToggle={onToggle} />;
}

/** Selects every row of the page. */
export function SelectPage({ selection }: { selection: RowSelection }) {
  return (
    <Box
      name={listsTexts.selectPage}
      checked={selection.extent === 'all'}
      some={selection.extent === 'some'}
      onToggle={selection.togglePage}
    />
  );
}

/** The selection and its actions, if a row is selected. */
export function SelectionBar({
  selection,
  total,
  isEstimate = false,
  children,
}: {
  selection: RowSelection;
  /** How many rows match the filter; null: unknown. */
  total: number | null;
  isEstimate?: boolean | undefined;
  children: ReactNode;
}) {
  if (selection.isEmpty) return null;
  const matching = formatTotal(total, isEstimate);
  const count = selection.matching ? (total ?? 0) : selection.keys.size;
  return (
    <section ref={bottomBar} className={styles.bar} aria-label={listsTexts.selection} data-at-end>
      <Text size="sm" fw={600} role="status">
        {listsTexts.selected(count, selection.matching ? matching : formatInteger(count))}
      </Text>
      {!selection.matching && selection.extent === 'all' && total !== null && total > selection.keys.size && (
        <Button size="compact-sm" variant="subtle" onClick={selection.selectMatching}>
          {listsTexts.selectMatching(matching)}
        </Button>
      )}
      <Button size="compact-sm" variant="subtle" color="gray" onClick={selection.clear}>
        {listsTexts.clearSelection}
      </Button>
      <div className={styles.acts} {...once}>
        {children}
      </div>
    </section>
  );
}
