import { describe, expect, it, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('addEventListener', () => {}));

import { isChoices, isShown, turn } from './columns.tsx';

const usual = { id: 'year', name: 'Year' };
const extra = { id: 'hash', name: 'Hash', extra: true };

describe('choosing columns', () => {
  it('shows the default columns, and extra ones if they are chosen', () => {
    expect([isShown(usual), isShown(extra)]).toEqual([true, false]);
    expect([isShown(usual, turn(usual)), isShown(extra, turn(extra))]).toEqual([false, true]);
  });

  it('stores only differences from the defaults', () => {
    const hidden = turn(usual);
    expect(hidden).toEqual({ year: false });
    expect(turn(usual, hidden)).toEqual({});
    expect(turn(extra, hidden)).toEqual({ year: false, hash: true });
  });

  it('never hides the column that identifies rows', () => {
    expect(isShown({ ...usual, fixed: true }, { year: false })).toBe(true);
  });

  it('accepts from storage only values that it could have stored', () => {
    expect(isChoices({ media: { year: false } })).toBe(true);
    for (const other of [null, [], 'x', { media: null }, { media: { year: 1 } }, { media: ['year'] }])
      expect(isChoices(other)).toBe(false);
  });
});
