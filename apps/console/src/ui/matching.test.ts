import { expect, test } from 'vitest';
import { filterOptions, matches, matchingPart } from './matching.ts';

test.each([
  ['Amélie (2001)', 'amelie', 'Amélie'],
  ['Ame\u0301lie', 'AME', 'Ame\u0301'],
  ['Ame\u0301', 'ame', 'Ame\u0301'],
  ['Spider-Man: No Way Home', 'spider man no', 'Spider-Man: No'],
  ['Spider-Man', 'spiderman', 'Spider-Man'],
  ['Don’t Look Up', "don't", 'Don’t'],
  ['Die Straße', 'strasse', 'Straße'],
  ['Howard.The.Duck.1986', 'the duck', 'The.Duck'],
  ['\u2068WALL·E\u2069', 'wall-e', 'WALL·E'],
  ['🎬 Take two', 'take', 'Take'],
  ['100%', '%', '%'],
  ['Alien', 'x', ''],
  ['Alien', '', ''],
])('in %j, %j marks %j', (text, query, part) => {
  expect(matchingPart(text, query)).toBe(part);
  expect(matches(text, query)).toBe(part !== '' || query === '');
});

test('options are found by their words, up to the limit', () => {
  const options = ['Côte d’Ivoire', 'Cuba', 'Curaçao'].map((label) => ({ value: label, label, disabled: false }));
  const found = (search: string, limit = 9) =>
    filterOptions({ options, search, limit }).map((option) => 'label' in option && option.label);
  expect(found("cote d'iv")).toEqual(['Côte d’Ivoire']);
  expect(found('curacao')).toEqual(['Curaçao']);
  expect(found('c', 2)).toHaveLength(2);
  expect(found('')).toHaveLength(3);
});
