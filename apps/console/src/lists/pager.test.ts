import { describe, expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('location', new URL('http://console.test/'));
});

import { plural } from '#ui/plural.ts';
import { describePage } from './pager.tsx';

const pagination = { total: 143, has_more: true, limit: 20 };

describe('the description of a page', () => {
  it('names the rows on screen and the total', () => {
    expect(describePage({ pagination, offset: 20, rows: 20 })).toBe('21–40 of 143');
    expect(describePage({ pagination, offset: 15, rows: 20 })).toBe('16–35 of 143');
  });

  it('marks an estimated total', () => {
    const counted = { ...pagination, total: 10_000, total_is_estimate: true };
    expect(describePage({ pagination: counted, offset: 0, rows: 20 })).toMatch(/^1–20 of 10.?000\+$/);
  });

  it('leaves an unknown total out', () => {
    expect(describePage({ pagination: { ...pagination, total: null }, offset: 0, rows: 20 })).toBe('1–20');
  });

  it('counts no rows that have left the list since they were loaded', () => {
    expect(describePage({ pagination, offset: 20, rows: 20, left: 3 })).toBe('21–37 of 140');
    expect(describePage({ pagination, offset: 20, rows: 20, left: 20 })).toBe('0 of 123');
  });

  it('says that a page after the last is empty', () => {
    expect(describePage({ pagination, offset: 160, rows: 0 })).toBe('Nothing on page 9 of 8');
    expect(describePage({ pagination: { ...pagination, total: 0 }, offset: 20, rows: 0 })).toBe(
      'Nothing on page 2 of 1',
    );
  });
});

describe('plural', () => {
  it('has one form for 1 only', () => {
    const forms = { one: 'row', other: 'rows' };
    expect([0, 1, 2, 1000].map((count) => plural(count, forms))).toEqual(['rows', 'row', 'rows', 'rows']);
  });
});
