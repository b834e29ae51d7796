import { expect, test } from 'vitest';
import { companionsOf, isSuspicious, kindOfName } from './rules.ts';

test.each([
  ['a live photo', ['IMG_1.HEIC', 'IMG_1.MOV', 'IMG_2.HEIC'], [['IMG_1.HEIC', 'IMG_1.MOV']]],
  ['a raw file with its photo', ['DSC1.NEF', 'DSC1.jpg'], [['DSC1.NEF', 'DSC1.jpg']]],
  ['sidecars of both names', ['a.jpg', 'a.jpg.xmp', 'a.xmp'], [['a.jpg', 'a.jpg.xmp', 'a.xmp']]],
  ['edits of a phone', ['IMG_1.AAE', 'IMG_1.HEIC', 'IMG_E1.HEIC'], [['IMG_1.AAE', 'IMG_1.HEIC', 'IMG_E1.HEIC']]],
  [
    'what Takeout adds, also cut off',
    ['a.jpg', 'a.jpg.supplemental-metadata.json', 'b.jpg', 'b.jpg.suppl.json', 'c.jpg', 'c.jpg.json'],
    [
      ['a.jpg', 'a.jpg.supplemental-metadata.json'],
      ['b.jpg', 'b.jpg.suppl.json'],
      ['c.jpg', 'c.jpg.json'],
    ],
  ],
  ['case twins are no companions', ['a.JPG', 'a.jpg'], []],
  ['nor are other files', ['a.txt', 'a.pdf', '.jpg', 'jpg'], []],
])('companions: %s', (_title, names, groups) => {
  expect(companionsOf(names)).toEqual(groups);
});

test('the kind of a file is that of its name', () => {
  expect(['a.JPG', 'b.cr3', 'c.MOV', 'd.jpg.xmp', 'e', '.jpg', 'f.'].map(kindOfName)).toEqual([
    'photo',
    'raw',
    'video',
    'sidecar',
    'other',
    'other',
    'other',
  ]);
});

test('more missing files than found ones are suspicious', () => {
  expect([
    isSuspicious(10, 0),
    isSuspicious(10, 5),
    isSuspicious(10, 6),
    isSuspicious(0, 0),
    isSuspicious(1, 1),
  ]).toEqual([false, false, true, false, true]);
});
