import { Button, Checkbox, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatInteger } from './format.ts';
import type { RowSelection } from './selection.ts';
import styles from './selection-bar.module.css';
import { listsTexts } from './texts/lists.ts';

/** The box before a row; with Shift held it takes every row from the last one on. */
export function SelectRow({ selection, id, name }: { selection: RowSelection; id: string; name: string }) {
  return (
    <Checkbox
      className={styles.box ?? ''}
      size="xs"
      aria-label={listsTexts.select(name)}
      checked={selection.isSelected(id)}
      onChange={({ nativeEvent }) => selection.toggle(id, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)}
    />
  );
}

/** The box before all rows of the page. */
export function SelectPage({ selection }: { selection: RowSelection }) {
  return (
    <Checkbox
      className={styles.box ?? ''}
      size="xs"
      aria-label={listsTexts.selectPage}
      checked={selection.extent === 'all'}
      indeterminate={selection.extent === 'some'}
      onChange={selection.togglePage}
    />
  );
}

/** What is selected, and what can be done to it; nothing while nothing is. */
export function SelectionBar({
  selection,
  total,
  isEstimate = false,
  children,
}: {
  selection: RowSelection;
  /** How many rows match the filter; null where nobody has counted. */
  total: number | null;
  isEstimate?: boolean | undefined;
  children: ReactNode;
}) {
  if (selection.isEmpty) return null;
  const matching = `${formatInteger(total)}${isEstimate ? '+' : ''}`;
  const count = selection.matching ? (total ?? 0) : selection.keys.size;
  return (
    <section className={styles.bar} aria-label={listsTexts.selection}>
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
      <div className={styles.acts}>{children}</div>
    </section>
  );
}
