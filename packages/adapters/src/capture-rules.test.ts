import { describe, expect, test } from 'vitest';
import { capturedAt, offsetAt, readTakeout, readTime, timeInName, timeOfFile } from './capture-rules.ts';

/** Clocks and zones, and dates in names and beside files. */

const now = Date.UTC(2024, 5, 1);
const nowhere = { position: null, satelliteMs: null };
const clock = (name: string) => {
  const time = timeInName(name, now);
  return time && capturedAt(time, nowhere, 'Europe/Berlin').at;
};

test.for([
  ['IMG_20190503_233005.jpg', '2019-05-03 23:30:05'],
  ['20190503_233005.jpg', '2019-05-03 23:30:05'],
  ['20190503233005.jpg', '2019-05-03 23:30:05'],
  ['signal-2019-05-03-233005.jpeg', '2019-05-03 23:30:05'],
  ['Screenshot 2019-05-03 at 23.30.05.png', '2019-05-03 23:30:05'],
  ['WhatsApp Image 2019-05-03 at 23.30.05.jpeg', '2019-05-03 23:30:05'],
  ['IMG-20190503-WA0001.jpg', '2019-05-03 00:00:00'],
  ['2019-05-03.jpg', '2019-05-03 00:00:00'],
  // In UTC.
  ['PXL_20190503_233005123.jpg', '2019-05-04 01:30:05'],
  ['IMG_20191303_233005.jpg', undefined],
  ['IMG_20190230_233005.jpg', undefined],
  ['DSC_20190.jpg', undefined],
  ['120190503.jpg', undefined],
  ['20190503123.jpg', undefined],
  ['IMG_20250503_233005.jpg', undefined],
  ['1920x1080.jpg', undefined],
])('the date in the name %s', ([name, expected]) => {
  expect(clock(name as string)).toBe(expected);
});

describe('a wall clock has the offset of its zone', () => {
  test.for([
    ['2024:01:15 12:00:00', 60],
    ['2024:03:31 01:59:59', 60],
    ['2024:03:31 03:00:00', 120],
    ['2023:10:29 01:30:00', 120],
    // Twice on that day: the first time.
    ['2023:10:29 02:30:00', 120],
    ['2023:10:29 03:00:00', 60],
  ])('%s in Berlin', ([text, offset]) => {
    const time = readTime(text as string, {}, now);
    expect(time && capturedAt({ from: '', raw: '', time }, nowhere, 'Europe/Berlin').offset).toBe(offset);
  });
});

test('offsets of zones are whole minutes, also in half hours and in UTC', () => {
  expect([offsetAt('Asia/Kathmandu', now), offsetAt('America/St_Johns', now), offsetAt('UTC', now)]).toEqual([
    345, -150, 0,
  ]);
});

test('the time of a file counts in the configured zone, unless its clock was never set', () => {
  const time = timeOfFile(BigInt(Date.UTC(2019, 4, 3, 23, 30, 5)) * 1_000_000n, now);
  expect(time && capturedAt(time, nowhere, 'Europe/Berlin')).toEqual({
    at: '2019-05-04 01:30:05',
    offset: 120,
    from: 'mtime',
    raw: '2019-05-03T23:30:05.000Z',
  });
  expect(timeOfFile(0n, now)).toBeUndefined();
  expect(timeOfFile(BigInt(now + 2 * 86_400_000) * 1_000_000n, now)).toBeUndefined();
});

test('Google Takeout says when and where, in UTC', () => {
  const text = JSON.stringify({
    photoTakenTime: { timestamp: '1556926205' },
    geoData: { latitude: 61.2181, longitude: -149.9003 },
  });
  const tags = readTakeout(text, now);
  const [time] = tags?.times ?? [];
  expect(time && tags && capturedAt(time, { ...nowhere, ...tags }, 'Europe/Berlin').at).toBe('2019-05-03 15:30:05');
  for (const other of ['', '[]', 'null', '{"photoTakenTime":{"timestamp":"0"}}', '{"photoTakenTime":7}'])
    expect(readTakeout(other, now)).toBeUndefined();
});
