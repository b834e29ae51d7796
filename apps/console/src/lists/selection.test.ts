import { describe, expect, it } from 'vitest';
import { extentOf, nothingSelected, type Selection, togglePage, toggleRow } from './selection.ts';

const page = ['a', 'b', 'c', 'd', 'e'];
const chosen = ({ keys }: Selection) => [...keys].sort().join('');
const select = (...steps: [key: string, range?: boolean][]) =>
  steps.reduce((selection, [key, range]) => toggleRow(selection, page, key, range), nothingSelected);

describe('selecting rows', () => {
  it('selects a row, and deselects it the second time', () => {
    expect(chosen(select(['b'], ['d']))).toBe('bd');
    expect(chosen(select(['b'], ['d'], ['b']))).toBe('d');
  });

  it('selects with Shift every row from the last one, in either direction', () => {
    expect(chosen(select(['b'], ['d', true]))).toBe('bcd');
    expect(chosen(select(['d'], ['a', true]))).toBe('abcd');
  });

  it('deselects with Shift every row up to a selected one', () => {
    const all = togglePage(nothingSelected, page);
    expect(chosen(toggleRow(toggleRow(all, page, 'b'), page, 'd', true))).toBe('ae');
  });

  it('selects only one row if the range began on another page', () => {
    const elsewhere = toggleRow(nothingSelected, ['x'], 'x');
    expect(chosen(toggleRow(elsewhere, page, 'd', true))).toBe('dx');
  });

  it('selects the whole page, then none of it, and keeps the selection of other pages', () => {
    const elsewhere = toggleRow(nothingSelected, ['x'], 'x');
    const all = togglePage(elsewhere, page);
    expect([chosen(all), extentOf(all, page)]).toEqual(['abcdex', 'all']);
    const left = togglePage(all, page);
    expect([chosen(left), extentOf(left, page)]).toEqual(['x', 'none']);
  });

  it('completes a partly selected page', () => {
    const some = select(['b']);
    expect(extentOf(some, page)).toBe('some');
    expect(chosen(togglePage(some, page))).toBe('abcde');
  });

  it('of all matching rows keeps the others of the page if one is deselected', () => {
    const matching: Selection = { keys: new Set(), matching: true, anchor: null };
    expect(extentOf(matching, page)).toBe('all');
    const left = toggleRow(matching, page, 'c');
    expect([chosen(left), left.matching]).toEqual(['abde', false]);
  });

  it('of all matching rows deselects all if the page is deselected', () => {
    expect(togglePage({ keys: new Set(), matching: true, anchor: null }, page)).toEqual(nothingSelected);
  });

  it('reports an empty page as not selected', () => {
    expect(extentOf(nothingSelected, [])).toBe('none');
  });
});
