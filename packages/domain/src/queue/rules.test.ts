import { describe, expect, test } from 'vitest';
import { cleanName, codeOf, fileNameOf, folderOf, isNumbered, subtitleOf, videoNameOf } from './rules.ts';

describe('the code of a file', () => {
  test.each([
    ['ABC-123', 'ABC-123'],
    ['abc-123 a film', 'ABC-123'],
    ['[site.example] abcd-00123.1080p', 'ABCD-00123'],
    ['a film (2024) QQ-7', 'QQ-7'],
    ['first AB-1 then CD-2', 'AB-1'],
    ['abc-12345', 'ABC-12345'],
    // Seven letters, six digits, one letter, no hyphen, no digits.
    ['abcdefg-123', undefined],
    ['abc-123456', undefined],
    ['a-1', undefined],
    ['abc123', undefined],
    ['a holiday - by the sea', undefined],
    ['', undefined],
  ])('in %j is %s', (stem, code) => {
    expect(codeOf(stem)).toBe(code);
  });
});

describe('the subtitles of a file', () => {
  test.each([
    ['ABC-123 English subs', 'English Sub'],
    ['ABC-123.eng', 'English Sub'],
    ['ABC-123 [CHS]', 'Chinese Sub'],
    ['ABC-123 中文字幕', 'Chinese Sub'],
    ['ABC-123_korean', 'Korean Sub'],
    ['ABC-123 jpn', 'Japanese Sub'],
    // The first of the list, not of the name.
    ['ABC-123 Japanese and English', 'English Sub'],
    ['ABC-123 the engine of choice', 'No Sub'],
    ['JAP-123 a film', 'No Sub'],
    ['ABC-123', 'No Sub'],
  ])('in %j are %s', (stem, tag) => {
    expect(subtitleOf(stem)).toBe(tag);
  });
});

const item = {
  movie_code: 'ABC-123',
  actress: 'Ada Lumen',
  subtitle: 'No Sub',
  title: 'The lantern',
  extension: '.mkv',
};

describe('the name of a file', () => {
  test.each([
    [{}, 'Ada Lumen - [No Sub] ABC-123 The lantern.mkv'],
    [{ subtitle: 'English Sub', extension: '.MP4' }, 'Ada Lumen - [English Sub] ABC-123 The lantern.mp4'],
    [{ actress: null }, 'Unknown - [No Sub] ABC-123 The lantern.mkv'],
    [{ subtitle: null, title: '' }, 'Ada Lumen - [No Sub] ABC-123.mkv'],
    [{ title: 'a/b\\c:d*e?f"g<h>i|j\0k\nl' }, 'Ada Lumen - [No Sub] ABC-123 a b c d e f g h i j k l.mkv'],
    [{ title: '../../etc/passwd' }, 'Ada Lumen - [No Sub] ABC-123 etc passwd.mkv'],
    [{ title: 'dots...   ' }, 'Ada Lumen - [No Sub] ABC-123 dots.mkv'],
    [{ title: 'e\u0301te\u202e' }, 'Ada Lumen - [No Sub] ABC-123 \u00e9te.mkv'],
  ])('with %j is %j', (change, name) => {
    expect(fileNameOf({ ...item, ...change })).toBe(name);
  });

  test.each(['x'.repeat(500), 'ランタン'.repeat(200), '👩‍👩‍👧'.repeat(100), 'e\u0301'.repeat(400)])(
    'has at most 200 characters and 255 bytes with its number: %.10s',
    (text) => {
      for (const actress of ['Ada Lumen', text]) {
        const name = fileNameOf({ ...item, actress, title: text });
        expect([...name].length).toBeLessThanOrEqual(195);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(250);
        expect(name).toMatch(/ - \[No Sub\] ABC-123 .+\.mkv$/s);
        expect(name.isWellFormed()).toBe(true);
        // Nothing is cut within a character.
        expect(text.normalize('NFC').startsWith(name.slice(name.indexOf('ABC-123 ') + 8, -4))).toBe(true);
      }
    },
  );
});

describe('the folder of a performer', () => {
  test.each([
    ['Ada Lumen', [], 'Ada Lumen'],
    ['Ada Lumen', ['ada lumen', 'Ada Lumen'], 'Ada Lumen'],
    ['ADA LUMEN', ['Ada Lumen'], 'Ada Lumen'],
    ['e\u0301te', ['\u00c9TE'], '\u00c9TE'],
    ['..', [], 'Unknown'],
    ['.trash', [], 'trash'],
    ['a/b', [], 'a b'],
    [null, ['unknown'], 'unknown'],
  ])('%j with %j is %j', (actress, existing, folder) => {
    expect(folderOf(actress, existing)).toBe(folder);
  });

  test('fits a file system', () => {
    expect(Buffer.byteLength(folderOf('灯'.repeat(300), []))).toBeLessThanOrEqual(255);
    expect(cleanName(' . a . ')).toBe('a');
  });
});

test.each([
  ['film.mkv', { stem: 'film', extension: '.mkv' }],
  ['a.b.MP4', { stem: 'a.b', extension: '.MP4' }],
  ['film.wmv', { stem: 'film', extension: '.wmv' }],
  ['film.avi', { stem: 'film', extension: '.avi' }],
  ['film.txt', undefined],
  ['film.mkv.part', undefined],
  ['.hidden.mkv', undefined],
  ['.mkv', undefined],
  ['mkv', undefined],
])('%s is a video: %j', (name, parts) => {
  expect(videoNameOf(name)).toEqual(parts);
});

test.each([
  ['/l/a.mkv', true],
  ['/l/a (1).mkv', true],
  ['/l/a (12).mkv', true],
  ['/l/a (0).mkv', false],
  ['/l/a b.mkv', false],
  ['/l/a (1).mp4', false],
  ['/m/a.mkv', false],
])('%s is /l/a.mkv or a number of it: %s', (path, isIt) => {
  expect(isNumbered(path, '/l/a.mkv')).toBe(isIt);
});
