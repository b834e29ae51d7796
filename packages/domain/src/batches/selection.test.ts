import { expect, test } from 'vitest';
import { type Candidate, nameOfBatch, pathsInBatch, Selection } from './selection.ts';

let ids = 0;
/** A group with these paths; each file has so many bytes. */
const group = (paths: (string | Buffer)[], size = 1, more: Partial<Candidate> = {}): Candidate[] => {
  const head = ids + 1;
  return paths.map((path) => {
    const bytes = Buffer.from(path);
    const slash = bytes.lastIndexOf('/');
    ids += 1;
    return {
      id: ids,
      head,
      directory: bytes.subarray(0, Math.max(slash, 0)),
      name: bytes.subarray(slash + 1),
      size,
      mtime_ns: '0',
      sha256: null,
      is_held: false,
      ...more,
    };
  });
};
const GiB = 1024 ** 3;

const select = (groups: Candidate[][], limits = { max_size_gb: 0, max_files: 0 }) => {
  const selection = new Selection(limits);
  for (const one of groups) selection.take(one);
  return selection;
};
const names = ({ groups }: Selection) => groups.map((one) => one.map(({ name }) => name.toString()));

test('what does not fit is passed over, companions never part, and what fits into no batch is named', () => {
  const selection = select(
    [
      group(['a.jpg'], 4 * GiB),
      group(['b.heic', 'b.mov'], 4 * GiB),
      group(['c.mov'], 11 * GiB),
      group(['d.heic', 'd.mov'], 3 * GiB),
    ],
    { max_size_gb: 10, max_files: 0 },
  );
  expect(names(selection)).toEqual([['a.jpg'], ['d.heic', 'd.mov']]);
  expect([selection.bytes, selection.files]).toEqual([10 * GiB, 3]);
  expect(selection.skipped).toEqual([{ path: 'c.mov', files: 1, size_bytes: 11 * GiB, reason: 'too_large' }]);
  expect([selection.lack, selection.isFull(1), selection.isFull(0)]).toEqual([undefined, true, false]);
});

test('both limits count, and a limit of 0 is none', () => {
  const groups = () => [group(['a.heic', 'a.mov'], 5), group(['b.jpg'], 5), group(['c.jpg'], 5)];
  expect(names(select(groups(), { max_size_gb: 0, max_files: 2 }))).toEqual([['a.heic', 'a.mov']]);
  expect(names(select(groups(), { max_size_gb: 14 / GiB, max_files: 9 }))).toEqual([['a.heic', 'a.mov']]);
  expect(names(select(groups(), { max_size_gb: 9 / GiB, max_files: 1 }))).toEqual([['b.jpg']]);
  expect(select(groups()).files).toBe(4);
});

test('a group with a name that the device cannot get stays, and so does one of which a file is not compared', () => {
  const selection = select([
    group([Buffer.from([0x61, 0xff]), 'a.xmp']),
    group(['.syncthing.a.jpg.tmp']),
    group([`${'ä'.repeat(128)}.jpg`]),
    group(['b.jpg'], 1, { is_held: true }),
  ]);
  expect(selection.skipped.map(({ files, reason }) => [files, reason])).toEqual([
    [2, 'not_utf8'],
    [1, 'never_synced'],
    [1, 'name_too_long'],
    [1, 'not_ready'],
  ]);
  expect(selection.lack).toBe('nothing_to_do');
  expect(select([group(['a.mov'], 2 * GiB)], { max_size_gb: 1, max_files: 0 }).lack).toBe('all_too_large');
});

test('paths are below the batch in NFC, and twins of all kinds get a number, companions the same one', () => {
  const paths = (...groups: string[][]) => pathsInBatch(groups.map((one) => group(one))).map(({ path }) => path);
  expect(paths(['o\u0308/a.jpg'], ['\u00f6/a.jpg'], ['\u00f6/a_1.jpg'])).toEqual([
    '\u00f6/a.jpg',
    '\u00f6/a_1.jpg',
    '\u00f6/a_1_1.jpg',
  ]);
  expect(paths(['o\u0308.heic', 'o\u0308.heic.xmp'], ['\u00f6.heic', '\u00f6.mov'])).toEqual([
    '\u00f6.heic',
    '\u00f6.heic.xmp',
    '\u00f6_1.heic',
    '\u00f6_1.mov',
  ]);
  // Of a file and a directory, and of the manifest.
  expect(paths(['o\u0308'], ['\u00f6/a'], ['manifest.json'], ['a/manifest.json'])).toEqual([
    '\u00f6_1',
    '\u00f6/a',
    'manifest_1.json',
    'a/manifest.json',
  ]);
  // On some disks that is one name.
  expect(paths(['Manifest.JSON', 'Manifest.MOV'], ['manifest.json/a.jpg'], ['manifest.json_1'])).toEqual([
    'Manifest_1.JSON',
    'Manifest_1.MOV',
    'manifest.json_1/a.jpg',
    'manifest_1.json_1',
  ]);
  const long = `${'e\u0301'.repeat(80)}`;
  const [, second = ''] = paths([`${long}.jpg`], [`${long.normalize('NFC')}.jpg`]);
  expect(Buffer.byteLength(second)).toBeLessThan(256);
  const [, cut = ''] = paths(['manifest.json'], [`${'x'.repeat(251)}.jpg`], [`${'x'.repeat(251)}.jpg`]).slice(1);
  expect([Buffer.byteLength(cut), cut.endsWith('_1.jpg')]).toEqual([255, true]);
});

test('names follow their pattern', () => {
  const of = (pattern: string) => nameOfBatch(pattern, 7, '2026-11-30');
  expect(['batch_{index:03d}', 'b{index}', 'b{index:d}', '{date} b{index:05d}'].map(of)).toEqual([
    'batch_007',
    'b7',
    'b7',
    '2026-11-30 b00007',
  ]);
});
