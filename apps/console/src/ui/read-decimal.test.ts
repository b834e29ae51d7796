import { expect, it } from 'vitest';
import { readDecimal } from './read-decimal.ts';

it('a comma is read as a point, and text that is not a number is refused', () => {
  expect(['0,35', '0.35', ' 7 ', '7,', ',5', '-1,5'].map(readDecimal)).toEqual([0.35, 0.35, 7, 7, 0.5, -1.5]);
  expect(['', ',', '1.000,5', '0,3,5', 'abc', '1e3', '0x1', '5 %'].map(readDecimal)).toEqual(Array(8).fill(undefined));
});
