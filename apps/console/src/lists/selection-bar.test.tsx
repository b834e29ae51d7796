import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { RowSelection } from './selection.ts';
import { SelectionBar, SelectPage, SelectRow } from './selection-bar.tsx';

const nothing: RowSelection = {
  keys: new Set(),
  matching: false,
  extent: 'none',
  isEmpty: true,
  isSelected: () => false,
  toggle: () => {},
  togglePage: () => {},
  selectMatching: () => {},
  clear: () => {},
};
const two: RowSelection = { ...nothing, keys: new Set(['a', 'b']), extent: 'all', isEmpty: false };

const render = (node: ReactNode) => renderToStaticMarkup(<MantineProvider>{node}</MantineProvider>);
const bar = (selection: RowSelection, total: number | null, isEstimate = false) =>
  render(
    <SelectionBar selection={selection} total={total} isEstimate={isEstimate}>
      <button type="button">Act</button>
    </SelectionBar>,
  );

describe('the bar of a selection', () => {
  it('is hidden while nothing is selected', () => {
    expect(bar(nothing, 143)).not.toContain('Act');
  });

  it('shows how many rows are selected, and their actions', () => {
    expect(bar(two, 143)).toContain('2 rows selected');
    expect(bar({ ...two, keys: new Set(['a']), extent: 'some' }, 143)).toContain('1 row selected');
    expect(bar(two, 143)).toContain('Act');
  });

  it('offers to select all matching rows only if the whole page is selected and more match', () => {
    expect(bar(two, 143)).toContain('Select all 143 that match');
    expect(bar({ ...two, extent: 'some' }, 143)).not.toContain('that match');
    expect(bar(two, 2)).not.toContain('that match');
    expect(bar(two, null)).not.toContain('that match');
  });

  it('shows the number of all matching rows, also if it is estimated', () => {
    const matching = { ...nothing, matching: true, extent: 'all', isEmpty: false } as const;
    expect(bar(matching, 143)).toContain('143 rows selected');
    expect(bar(matching, 500, true)).toContain('500+ rows selected');
  });
});

describe('the checkboxes of a list', () => {
  it('are named after their rows', () => {
    expect(render(<SelectRow name="Heat" checked={false} onToggle={() => {}} />)).toContain('aria-label="Select Heat"');
    expect(render(<SelectPage selection={nothing} />)).toContain('aria-label="Select all rows on this page"');
  });
});
