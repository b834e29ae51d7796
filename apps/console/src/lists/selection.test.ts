import { describe, expect, it } from 'vitest';
import { extentOf, nothingSelected, type Selection, togglePage, toggleRow } from './selection.ts';

const page = ['a', 'b', 'c', 'd', 'e'];
const chosen = ({ keys }: Selection) => [...keys].sort().join('');
const select = (...steps: [key: string, range?: boolean][]) =>
  steps.reduce((selection, [key, range]) => toggleRow(selection, page, key, range), nothingSelected);

describe('selecting rows', () => {
  it('chooses a row, and leaves it at the second time', () => {
    expect(chosen(select(['b'], ['d']))).toBe('bd');
    expect(chosen(select(['b'], ['d'], ['b']))).toBe('d');
  });

  it('takes with Shift every row from the last one, in either direction', () => {
    expect(chosen(select(['b'], ['d', true]))).toBe('bcd');
    expect(chosen(select(['d'], ['a', true]))).toBe('abcd');
  });

  it('leaves with Shift every row up to one that was chosen', () => {
    const all = togglePage(nothingSelected, page);
    expect(chosen(toggleRow(toggleRow(all, page, 'b'), page, 'd', true))).toBe('ae');
  });

  it('takes the one row alone when the range began on another page', () => {
    const elsewhere = toggleRow(nothingSelected, ['x'], 'x');
    expect(chosen(toggleRow(elsewhere, page, 'd', true))).toBe('dx');
  });

  it('chooses the whole page, then none of it, and keeps what was chosen on others', () => {
    const elsewhere = toggleRow(nothingSelected, ['x'], 'x');
    const all = togglePage(elsewhere, page);
    expect([chosen(all), extentOf(all, page)]).toEqual(['abcdex', 'all']);
    const left = togglePage(all, page);
    expect([chosen(left), extentOf(left, page)]).toEqual(['x', 'none']);
  });

  it('completes a page of which some were chosen', () => {
    const some = select(['b']);
    expect(extentOf(some, page)).toBe('some');
    expect(chosen(togglePage(some, page))).toBe('abcde');
  });

  it('of all that match leaves the others of the page when one is left', () => {
    const matching: Selection = { keys: new Set(), matching: true, anchor: null };
    expect(extentOf(matching, page)).toBe('all');
    const left = toggleRow(matching, page, 'c');
    expect([chosen(left), left.matching]).toEqual(['abde', false]);
  });

  it('of all that match leaves all when the page is left', () => {
    expect(togglePage({ keys: new Set(), matching: true, anchor: null }, page)).toEqual(nothingSelected);
  });

  it('says of an empty page that nothing of it is chosen', () => {
    expect(extentOf(nothingSelected, [])).toBe('none');
  });
});
