import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExifTool } from 'exiftool-vendored';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sized } from '../../db/src/test-size.ts';
import {
  avi,
  box,
  cr3,
  heic,
  jpeg,
  type Movie,
  movie,
  placeAt,
  placeOfMovie,
  png,
  tag,
  tiff,
  webp,
} from '../test/captures.ts';
import { type CaptureReader, FileChanged, openCaptureReader } from './capture-date.ts';
import { type CaptureTags, capturedAt } from './capture-rules.ts';

/** When photos and videos were taken, by either reader, and that both say the same. */

const zone = 'Europe/Berlin';
const original = { exif: { [tag.original]: '2019:05:03 23:30:05' } };
const anchorage = { latitude: 61.2181, longitude: -149.9003 };
const created = new Date('2019-05-03T22:30:05Z');
const creationdate = 'com.apple.quicktime.creationdate';
const iso6709 = 'com.apple.quicktime.location.ISO6709';
const xmp = (property: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" ${property}/></rdf:RDF></x:xmpmeta>`;

type Fixture = {
  bytes: Buffer;
  /** Clock, offset in minutes and source; undefined: it has no date. */
  expected: [at: string, offset: number, from: string] | undefined;
  /** Only ExifTool reads it. */
  isSlow?: true;
};

const fixtures: Record<string, Fixture> = {
  'photo.jpg': { bytes: jpeg(original), expected: ['2019-05-03 23:30:05', 120, 'DateTimeOriginal'] },
  'big-endian.jpg': {
    bytes: jpeg(original, { isLittle: false }),
    expected: ['2019-05-03 23:30:05', 120, 'DateTimeOriginal'],
  },
  'subseconds and offset.jpg': {
    bytes: jpeg({
      main: { [tag.model]: 'Pixel 5' },
      exif: { ...original.exif, [tag.subsecondsOriginal]: '25', [tag.offsetOriginal]: '-09:30' },
    }),
    expected: ['2019-05-03 23:30:05.25', -570, 'DateTimeOriginal'],
  },
  'one offset for all.jpg': {
    bytes: jpeg({ exif: { ...original.exif, [tag.offset]: '+05:45' } }),
    expected: ['2019-05-03 23:30:05', 345, 'DateTimeOriginal'],
  },
  'digitized.jpg': {
    bytes: jpeg({ exif: { [tag.digitized]: '2019:12:03 23:30:05', [tag.offsetDigitized]: '+09:00' } }),
    expected: ['2019-12-03 23:30:05', 540, 'CreateDate'],
  },
  'position.jpg': {
    bytes: jpeg({ ...original, place: placeAt(anchorage.latitude, anchorage.longitude) }),
    expected: ['2019-05-03 23:30:05', -480, 'DateTimeOriginal'],
  },
  'position nowhere.jpg': {
    bytes: jpeg({ ...original, place: placeAt(0, 0) }),
    expected: ['2019-05-03 23:30:05', 120, 'DateTimeOriginal'],
  },
  'satellites.jpg': {
    bytes: jpeg({
      ...original,
      place: {
        7: [
          [14, 1],
          [0, 1],
          [4, 1],
        ],
        29: '2019:05:03',
      },
    }),
    expected: ['2019-05-03 23:30:05', 570, 'DateTimeOriginal'],
  },
  'photo.heic': { bytes: heic(original), expected: ['2019-05-03 23:30:05', 120, 'DateTimeOriginal'] },
  'late data.heic': {
    bytes: heic(original, 200_000),
    expected: ['2019-05-03 23:30:05', 120, 'DateTimeOriginal'],
    isSlow: true,
  },
  'photo.png': { bytes: png({ exif: original }), expected: ['2019-05-03 23:30:05', 120, 'DateTimeOriginal'] },
  'photo.tif': {
    bytes: tiff({ main: { 256: 7, 257: 6 }, ...original }),
    expected: ['2019-05-03 23:30:05', 120, 'DateTimeOriginal'],
  },
  'photo.webp': { bytes: webp(original), expected: ['2019-05-03 23:30:05', 120, 'DateTimeOriginal'] },
  'raw.cr3': {
    bytes: cr3({
      main: { [tag.model]: 'Canon EOS R5', 256: 100, 257: 50 },
      exif: { ...original.exif, [tag.offsetOriginal]: '+01:00', [tag.subsecondsOriginal]: '07' },
    }),
    expected: ['2019-05-03 23:30:05.07', 60, 'DateTimeOriginal'],
  },
  'raw with position.cr3': {
    bytes: cr3({ ...original, place: placeAt(anchorage.latitude, anchorage.longitude) }),
    expected: ['2019-05-03 23:30:05', -480, 'DateTimeOriginal'],
    isSlow: true,
  },
  // Half past midnight in Berlin.
  'plain.mp4': {
    bytes: movie({ brand: 'isom', created }),
    expected: ['2019-05-04 00:30:05', 120, 'QuickTime CreateDate'],
  },
  'android.mp4': {
    bytes: movie({ brand: 'mp42', created, userData: [placeOfMovie('+61.2181-149.9003/')] }),
    expected: ['2019-05-03 14:30:05', -480, 'QuickTime CreateDate'],
  },
  'apple.mov': {
    bytes: movie({
      created,
      keys: {
        'com.apple.quicktime.model': 'iPhone 15',
        [iso6709]: '+61.2181-149.9003+005.2/',
        [creationdate]: '2019-05-03T14:30:05-0800',
      },
    }),
    expected: ['2019-05-03 14:30:05', -480, 'Keys CreationDate'],
  },
  'other user data.mov': {
    bytes: movie({
      created,
      userData: [box('©day', Buffer.from([0, 25, 0x15, 0xc7]), Buffer.from('2019-05-03T23:30:05+0200\0'))],
    }),
    expected: ['2019-05-03 23:30:05', 120, 'UserData ContentCreateDate'],
    isSlow: true,
  },
  'xmp.mp4': {
    bytes: movie({
      brand: 'mp42',
      created,
      last: [
        box(
          'uuid',
          Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex'),
          Buffer.from(xmp('photoshop:DateCreated="2018-01-02T03:04:05"')),
        ),
      ],
    }),
    expected: ['2018-01-02 03:04:05', 60, 'XMP DateCreated'],
    isSlow: true,
  },
  'photo.xmp': {
    bytes: Buffer.from(xmp('exif:DateTimeOriginal="2018-01-02T03:04:05.5+03:00"')),
    expected: ['2018-01-02 03:04:05.5', 180, 'XMP DateTimeOriginal'],
    isSlow: true,
  },
  'text.png': {
    bytes: png({ text: { 'Creation Time': '2018:01:02 03:04:05' } }),
    expected: ['2018-01-02 03:04:05', 60, 'PNG CreationTime'],
    isSlow: true,
  },
  'satellites alone.jpg': {
    bytes: jpeg({ place: placeAt(anchorage.latitude, anchorage.longitude, { date: '2019:05:04', clock: [7, 30, 5] }) }),
    expected: ['2019-05-03 23:30:05', -480, 'GPS'],
    isSlow: true,
  },
  'old.avi': {
    bytes: avi('Fri May 03 23:30:05 2019'),
    expected: ['2019-05-03 23:30:05', 120, 'RIFF DateTimeOriginal'],
    isSlow: true,
  },
  // It is a movie by its content.
  'movie.jpg': { bytes: movie({ created }), expected: ['2019-05-04 00:30:05', 120, 'QuickTime CreateDate'] },
  'bad original.jpg': {
    bytes: jpeg({ exif: { [tag.original]: '2019:13:03 23:30:05', [tag.digitized]: '2018:01:02 03:04:05' } }),
    expected: ['2018-01-02 03:04:05', 60, 'CreateDate'],
  },
  'no date.jpg': { bytes: jpeg(), expected: undefined, isSlow: true },
  'text.txt': { bytes: Buffer.from('a note'), expected: undefined, isSlow: true },
  'empty.jpg': { bytes: Buffer.alloc(0), expected: undefined, isSlow: true },
};
const next = new Date(Date.now() + 3 * 86_400_000);
const digits = next.toISOString().slice(0, 10).replaceAll('-', ':');
for (const [name, date] of Object.entries({
  'year 0.jpg': '0000:00:00 00:00:00',
  'month 13.jpg': '2019:13:03 10:00:00',
  '30 February.jpg': '2019:02:30 10:00:00',
  'hour 25.jpg': '2019:02:03 25:00:00',
  'year 1904.jpg': '1904:01:01 00:00:00',
  'unset clock.jpg': '1970:01:01 00:00:00',
  'blank.jpg': '    :  :     :  :  ',
  'tomorrow and later.jpg': `${digits} 10:00:00`,
}))
  fixtures[name] = { bytes: jpeg({ exif: { [tag.original]: date } }), expected: undefined, isSlow: true };
for (const [name, made] of Object.entries<Movie>({
  'no clock.mov': { created: null },
  'clock of 1970.mov': { created: new Date('1970-01-01T00:00:20Z') },
  'clock ahead.mov': { created: next },
}))
  fixtures[name] = { bytes: movie(made), expected: undefined, isSlow: true };

let directory: string;
let quick: CaptureReader;
let slow: CaptureReader;
const place = (name: string) => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'at-capture-'));
  for (const [name, { bytes }] of Object.entries(fixtures)) writeFileSync(place(name), bytes);
  quick = openCaptureReader({ tiers: 'quick' });
  slow = openCaptureReader({ tiers: 'exiftool' });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const first = (tags: CaptureTags) => {
  const [time] = tags.times;
  if (!time) return undefined;
  const { at, offset, from } = capturedAt(time, tags, zone);
  return [at, offset, from];
};
const read = (reader: CaptureReader, name: string) => reader.read(Buffer.from(place(name)));

describe.for(Object.entries(fixtures))('%s', ([name, { expected, isSlow }]) => {
  test('ExifTool reads when it was taken', async () => {
    expect(first(await read(slow, name))).toEqual(expected);
  });

  test('the quick readers say the same, or nothing', async () => {
    const [tags, other] = [await read(quick, name), await read(slow, name)];
    expect(first(tags)).toEqual(isSlow ? undefined : expected);
    if (isSlow) return;
    for (const member of ['camera', 'width', 'height', 'duration'] as const)
      expect([member, tags[member]]).toEqual([member, /tif$/.test(name) && member !== 'camera' ? null : other[member]]);
  });
});

test('what other programs write is read by both alike', async () => {
  const tool = new ExifTool({ maxProcs: 1 });
  try {
    const photo = place('written.jpg');
    writeFileSync(photo, jpeg());
    const steps = [
      [
        { 'IPTC:DateCreated': '2017:01:02', 'IPTC:TimeCreated': '03:04:05+02:00' },
        ['2017-01-02 03:04:05', 120, 'IPTC DateCreated'],
      ],
      [{ 'XMP-photoshop:DateCreated': '2018:01:02 03:04:05' }, ['2018-01-02 03:04:05', 60, 'XMP DateCreated']],
      [{ 'ExifIFD:CreateDate': '2019:01:02 03:04:05' }, ['2019-01-02 03:04:05', 60, 'CreateDate']],
      [
        { 'ExifIFD:DateTimeOriginal': '2020:01:02 03:04:05', 'ExifIFD:OffsetTimeOriginal': '-03:00' },
        ['2020-01-02 03:04:05', -180, 'DateTimeOriginal'],
      ],
    ] as const;
    for (const [written, expected] of steps) {
      await tool.write(photo, written as never, { writeArgs: ['-overwrite_original'] });
      expect(first(await read(slow, 'written.jpg'))).toEqual(expected);
      const isQuick = !/IPTC|XMP/.test(expected[2]);
      expect(first(await read(quick, 'written.jpg'))).toEqual(isQuick ? expected : undefined);
    }
  } finally {
    await tool.end();
  }
});

test('both together read what either of them reads', async () => {
  const both = openCaptureReader();
  for (const [name, { expected }] of Object.entries(fixtures))
    expect([name, first(await read(both, name))]).toEqual([name, expected]);
});

test('a name is bytes, and may have a newline', async () => {
  for (const name of [
    Buffer.from('a\nb.jpg'),
    Buffer.from([0xff, 0xfe, 0x2e, 0x6a]),
    Buffer.from("-delete '$HOME'.avi"),
  ]) {
    const path = Buffer.concat([Buffer.from(`${directory}/`), name]);
    writeFileSync(path, avi('Fri May 03 23:30:05 2019'));
    expect(first(await slow.read(path))?.[0]).toBe('2019-05-03 23:30:05');
  }
});

test('no link is followed, and another file than the expected one is not read', async () => {
  symlinkSync(place('photo.jpg'), place('link.jpg'));
  await expect(read(quick, 'link.jpg')).rejects.toThrow();
  writeFileSync(place('other.jpg'), jpeg(original));
  renameSync(place('other.jpg'), place('same.jpg'));
  await expect(quick.read(Buffer.from(place('same.jpg')), { size: 1, mtimeNs: '0', inode: '0' })).rejects.toThrow(
    FileChanged,
  );
});

test('files that are cut off anywhere are read without a fault', async () => {
  for (const [name, { bytes }] of Object.entries(fixtures)) {
    if (/big-endian|satellites|position|year|month/.test(name)) continue;
    const step = Math.max(1, Math.ceil(bytes.length / sized(12, 200)));
    for (let length = 0; length < Math.min(bytes.length, 2_000); length += step) {
      writeFileSync(place('cut'), bytes.subarray(0, length));
      await read(quick, 'cut');
    }
  }
});
