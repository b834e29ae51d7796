import { deflateSync } from 'node:zlib';

/** Small photos and videos with dates, made byte by byte. */

/** A list of numbers is one of 16 bits each. */
type Value = string | number | number[] | [number, number][];
type Directory = Record<number, Value>;

export type Exif = {
  main?: Directory;
  exif?: Directory;
  place?: Directory;
  /** A small JPEG in it. */
  thumbnail?: Buffer;
};

export const tag = {
  model: 0x0110,
  modified: 0x0132,
  orientation: 0x0112,
  original: 0x9003,
  digitized: 0x9004,
  offset: 0x9010,
  offsetOriginal: 0x9011,
  offsetDigitized: 0x9012,
  subsecondsOriginal: 0x9291,
};

/** A GPS directory: degrees are whole and in tenths of thousandths. */
export const placeAt = (
  latitude: number,
  longitude: number,
  time?: { date: string; clock: [number, number, number] },
): Directory => {
  const degrees = (value: number): [number, number][] => [
    [Math.round(Math.abs(value) * 10_000), 10_000],
    [0, 1],
    [0, 1],
  ];
  return {
    1: latitude < 0 ? 'S' : 'N',
    2: degrees(latitude),
    3: longitude < 0 ? 'W' : 'E',
    4: degrees(longitude),
    ...(time && { 7: time.clock.map((part): [number, number] => [part, 1]), 29: time.date }),
  };
};

/** TIFF with its directories, as JPEG, HEIC, PNG and WebP files contain it too. */
export function tiff({ main = {}, exif, place, thumbnail }: Exif, { isLittle = true } = {}): Buffer {
  const numbers = (width: 2 | 4, ...values: number[]) => {
    const bytes = Buffer.alloc(width * values.length);
    for (const [i, value] of values.entries()) {
      if (isLittle) bytes.writeUIntLE(value, i * width, width);
      else bytes.writeUIntBE(value, i * width, width);
    }
    return bytes;
  };
  const parts: Buffer[] = [Buffer.from(isLittle ? 'II' : 'MM'), numbers(2, 42), numbers(4, 8)];
  let end = 8;
  const write = (directory: Directory, pointers: [number, Directory][]) => {
    const entries: [number, Value][] = Object.entries(directory).map(([id, value]) => [Number(id), value]);
    for (const [id] of pointers) entries.push([id, 0]);
    entries.sort(([a], [b]) => a - b);
    let data = end + 2 + entries.length * 12 + 4;
    const extra: Buffer[] = [];
    const rows = entries.map(([id, value]) => {
      const pointer = pointers.find(([one]) => one === id);
      const [type, count, bytes] = pointer
        ? [4, 1, Buffer.alloc(4)]
        : typeof value === 'number'
          ? [4, 1, numbers(4, value)]
          : typeof value === 'string'
            ? [2, value.length + 1, Buffer.from(`${value}\0`, 'latin1')]
            : typeof value[0] === 'number'
              ? [3, value.length, numbers(2, ...(value as number[]))]
              : [5, value.length, numbers(4, ...value.flat())];
      const field = bytes.length > 4 ? numbers(4, data) : Buffer.concat([bytes, Buffer.alloc(4)]).subarray(0, 4);
      if (bytes.length > 4) {
        extra.push(bytes, Buffer.alloc(bytes.length % 2));
        data += bytes.length + (bytes.length % 2);
      }
      return { id, row: Buffer.concat([numbers(2, id, type), numbers(4, count), field]) };
    });
    const block = Buffer.concat([numbers(2, entries.length), ...rows.map(({ row }) => row), numbers(4, 0), ...extra]);
    const begin = end;
    parts.push(block);
    end += block.length;
    for (const [id, target] of pointers) {
      const nth = rows.findIndex((row) => row.id === id);
      numbers(4, end).copy(block, 2 + nth * 12 + 8);
      write(target, []);
    }
    return begin;
  };
  write(main, [
    ...(exif ? [[0x8769, exif] as [number, Directory]] : []),
    ...(place ? [[0x8825, place] as [number, Directory]] : []),
  ]);
  if (thumbnail) {
    const first = Object.keys(main).length + Number(exif !== undefined) + Number(place !== undefined);
    numbers(4, end).copy(parts[3] as Buffer, 2 + first * 12);
    write({ 259: 6, 513: end + 2 + 3 * 12 + 4, 514: thumbnail.length }, []);
    parts.push(thumbnail);
  }
  return Buffer.concat(parts);
}

const big = (value: number, width: 2 | 4) => {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
};

/** `picture`: a JPEG that gets the EXIF data. Without it: 48 x 32, without a picture. */
export function jpeg(exif?: Exif, { isLittle = true, picture }: { isLittle?: boolean; picture?: Buffer } = {}): Buffer {
  const segment = (marker: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([0xff, marker]), big(bytes.length + 2, 2), bytes]);
  const begin = Buffer.from([0xff, 0xd8]);
  const data = exif
    ? segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff(exif, { isLittle })]))
    : Buffer.alloc(0);
  if (picture) return Buffer.concat([begin, data, picture.subarray(2)]);
  return Buffer.concat([
    begin,
    data,
    segment(0xc0, Buffer.from([8, 0, 32, 0, 48, 1, 1, 0x11, 0])),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0, 0xff, 0xd9]),
  ]);
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}

export const pngBegin = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** A part of a PNG. */
export function chunk(type: string, bytes: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), bytes]);
  return Buffer.concat([big(bytes.length, 4), named, big(crc(named), 4)]);
}

/** 2 x 1. */
export function png({ text = {}, exif }: { text?: Record<string, string>; exif?: Exif } = {}): Buffer {
  return Buffer.concat([
    pngBegin,
    chunk('IHDR', Buffer.concat([big(2, 4), big(1, 4), Buffer.from([8, 2, 0, 0, 0])])),
    ...Object.entries(text).map(([key, value]) => chunk('tEXt', Buffer.from(`${key}\0${value}`))),
    ...(exif ? [chunk('eXIf', tiff(exif))] : []),
    chunk('IDAT', deflateSync(Buffer.alloc(7))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** 5 x 4. */
export function webp(exif: Exif): Buffer {
  const chunk = (type: string, bytes: Buffer) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.from(type), size, bytes, Buffer.alloc(bytes.length % 2)]);
  };
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    chunk('VP8X', Buffer.from([8, 0, 0, 0, 4, 0, 0, 3, 0, 0])),
    chunk('EXIF', tiff(exif)),
  ]);
  return chunk('RIFF', body);
}

export const box = (type: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([big(body.length + 8, 4), Buffer.from(type, 'latin1'), body]);
};

const zeros = (count: number) => Buffer.alloc(count);

/** A HEIC file with EXIF data and no picture; `before`: bytes before them. */
export function heic(exif: Exif, before = 0): Buffer {
  const data = Buffer.concat([big(6, 4), Buffer.from('Exif\0\0'), tiff(exif)]);
  const head = box('ftyp', Buffer.from('heic'), zeros(4), Buffer.from('mif1heic'));
  const meta = (offset: number) =>
    box(
      'meta',
      zeros(4),
      box('hdlr', zeros(8), Buffer.from('pict'), zeros(13)),
      box(
        'iinf',
        zeros(4),
        big(1, 2),
        box('infe', Buffer.from([2, 0, 0, 0]), big(1, 2), zeros(2), Buffer.from('Exif'), zeros(1)),
      ),
      box(
        'iloc',
        zeros(4),
        Buffer.from([0x44, 0x00]),
        big(1, 2),
        big(1, 2),
        zeros(2),
        big(1, 2),
        big(offset, 4),
        big(data.length, 4),
      ),
    );
  const begin = head.length + meta(0).length + 8 + before;
  return Buffer.concat([head, meta(begin), box('mdat', zeros(before), data)]);
}

export type Movie = {
  brand?: string;
  /** In UTC. */
  created?: Date | null;
  keys?: Record<string, string>;
  /** Children of `udta`. */
  userData?: Buffer[];
  /** Boxes at the end. */
  last?: Buffer[];
};

const since1904 = (time: Date | null | undefined) => (time ? Math.floor(time.getTime() / 1000) + 2_082_844_800 : 0);

/** A movie of 2.5 s and 64 x 36, without pictures, whose data come first. */
export function movie({ brand = 'qt  ', created, keys, userData, last = [] }: Movie): Buffer {
  const time = big(since1904(created), 4);
  const names = Object.keys(keys ?? {});
  return Buffer.concat([
    box('ftyp', Buffer.from(brand), zeros(4), Buffer.from(brand)),
    box('wide'),
    box('mdat', zeros(100)),
    box(
      'moov',
      box('mvhd', zeros(4), time, time, big(600, 4), big(1500, 4), zeros(80)),
      box(
        'trak',
        box(
          'tkhd',
          Buffer.from([0, 0, 0, 7]),
          time,
          time,
          big(1, 4),
          zeros(4),
          big(1500, 4),
          zeros(52),
          big(64, 2),
          zeros(2),
          big(36, 2),
          zeros(2),
        ),
        box('mdia', box('hdlr', zeros(4), Buffer.from('mhlrvide'), zeros(12))),
      ),
      ...(keys
        ? [
            box(
              'meta',
              box('hdlr', zeros(8), Buffer.from('mdta'), zeros(13)),
              box('keys', zeros(4), big(names.length, 4), ...names.map((name) => box('mdta', Buffer.from(name)))),
              box(
                'ilst',
                ...Object.values(keys).map((value, i) => {
                  const index = big(i + 1, 4).toString('latin1');
                  return box(index, box('data', big(1, 4), zeros(4), Buffer.from(value)));
                }),
              ),
            ),
          ]
        : []),
      ...(userData ? [box('udta', ...userData)] : []),
    ),
    ...last,
  ]);
}

/** What Android phones write. */
export const placeOfMovie = (text: string) => box('©xyz', big(text.length, 2), big(0x15c7, 2), Buffer.from(text));

/** A CR3 file, with the JPEG that cameras put into it, if one is given. */
export function cr3({ main = {}, exif = {}, place = {} }: Exif, preview?: Buffer): Buffer {
  return Buffer.concat([
    box('ftyp', Buffer.from('crx '), big(1, 4), Buffer.from('crx isom')),
    box(
      'moov',
      box(
        'uuid',
        Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex'),
        box('CNCV', Buffer.from('CanonCR3_001/00.09.00/00.00.00')),
        box('CMT1', tiff({ main })),
        box('CMT2', tiff({ main: exif })),
        box('CMT4', tiff({ main: place })),
      ),
      box('mvhd', zeros(4), big(since1904(new Date('2001-01-01T00:00:00Z')), 4), zeros(4), big(600, 4), zeros(84)),
    ),
    ...(preview
      ? [
          box(
            'uuid',
            Buffer.from('eaf42b5e1c984b88b9fbb7dc406e4d16', 'hex'),
            big(0, 4),
            big(1, 4),
            box('PRVW', zeros(4), big(1, 2), zeros(4), big(1, 2), big(preview.length, 4), preview),
          ),
        ]
      : []),
    box('mdat', zeros(64)),
  ]);
}

/** An AVI file with a date, without pictures. */
export function avi(date: string): Buffer {
  const chunk = (type: string, bytes: Buffer) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.from(type), size, bytes, Buffer.alloc(bytes.length % 2)]);
  };
  const header = Buffer.concat([
    Buffer.from('hdrl'),
    chunk('avih', Buffer.alloc(56)),
    chunk('IDIT', Buffer.from(`${date}\n\0`)),
  ]);
  return chunk('RIFF', Buffer.concat([Buffer.from('AVI '), chunk('LIST', header), chunk('LIST', Buffer.from('movi'))]));
}
