import {
  type CaptureTags,
  type CaptureTime,
  isPossible,
  noTags,
  type Position,
  rawOf,
  readTime,
} from './capture-rules.ts';

// Reads the boxes of MOV, MP4 and CR3 files that say when they were taken. It reads headers and small boxes, never pictures.

/** Reads so many bytes at a place; fewer at the end of the file. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

type Box = { type: string; begin: number; end: number };

const most = { boxes: 500, bytes: 1 << 20 };
/** Seconds from 1904, as these files count, to 1970. */
const epoch = 2_082_844_800;
const canon = '85c0b687820f11e08111f4ce462b6a48';

/** A file that has what this reader does not read, so that something else may count more. */
class Unsure extends Error {}

class Boxes {
  readonly #read: ReadAt;
  #left = most.boxes;

  constructor(read: ReadAt) {
    this.#read = read;
  }

  async list(begin: number, end: number): Promise<Box[]> {
    const boxes: Box[] = [];
    for (let at = begin; at + 8 <= end; ) {
      this.#left -= 1;
      if (this.#left < 0) throw new Unsure();
      const head = await this.#read(at, 16);
      if (head.length < 8) throw new Unsure();
      const type = head.toString('latin1', 4, 8);
      let size = head.readUInt32BE(0);
      let header = 8;
      // A list of user data ends with a zero.
      if (size === 0 && type === '\0\0\0\0') return boxes;
      if (size === 1) {
        if (head.length < 16) throw new Unsure();
        size = Number(head.readBigUInt64BE(8));
        header = 16;
      } else if (size === 0) size = end - at;
      if (size < header || at + size > end) throw new Unsure();
      boxes.push({ type, begin: at + header, end: at + size });
      at += size;
    }
    return boxes;
  }

  async bytes({ begin, end }: Box): Promise<Buffer> {
    if (end - begin > most.bytes) throw new Unsure();
    const bytes = await this.#read(begin, end - begin);
    if (bytes.length < end - begin) throw new Unsure();
    return bytes;
  }
}

/** The tags of a file; undefined: it has none that are certain to count most. */
export async function readBoxes(read: ReadAt, size: number, now = Date.now()): Promise<CaptureTags | undefined> {
  try {
    const boxes = new Boxes(read);
    const all = await boxes.list(0, size);
    const movie = all.find(({ type }) => type === 'moov');
    if (!movie) return undefined;
    const inside = await boxes.list(movie.begin, movie.end);
    const own = inside.find(({ type }) => type === 'uuid');
    const tags =
      own && (await boxes.bytes({ ...own, end: own.begin + 16 })).toString('hex') === canon
        ? await readCanon(boxes, own, now)
        : await readMovie(boxes, inside, now);
    // XMP counts more than the boxes of a movie.
    if (!own && all.some(({ type }) => type === 'uuid')) return undefined;
    return tags.times.length > 0 ? tags : undefined;
  } catch (error) {
    if (error instanceof Unsure || error instanceof RangeError) return undefined;
    throw error;
  }
}

async function readMovie(boxes: Boxes, inside: Box[], now: number): Promise<CaptureTags> {
  const find = (type: string) => inside.find((box) => box.type === type);
  const header = find('mvhd');
  if (!header || find('uuid')) throw new Unsure();
  const { created, duration } = movieHeader(await boxes.bytes(header));
  const keys = find('meta') ? await readKeys(boxes, find('meta') as Box) : new Map<string, string>();
  const position = positionOf(
    keys.get('com.apple.quicktime.location.ISO6709') ?? (find('udta') && (await placeOf(boxes, find('udta') as Box))),
  );
  const times: CaptureTime[] = [];
  const raw = keys.get('com.apple.quicktime.creationdate');
  if (raw !== undefined) {
    const time = readTime(raw, {}, now);
    // Something else that reads more ways of writing it.
    if (!time) throw new Unsure();
    times.push({ from: 'Keys CreationDate', raw, time });
  }
  if (created !== undefined) {
    const ms = created * 1000;
    const text = new Date(ms).toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
    if (isPossible(ms, now)) times.push({ from: 'QuickTime CreateDate', raw: text, time: { ms, isUtc: true } });
  }
  const camera = keys.get('com.apple.quicktime.model')?.trim() || null;
  return { ...noTags, times, position, camera, duration, ...(await frameOf(boxes, inside)) };
}

/** Seconds since 1970 when it was made, and its length in seconds. */
function movieHeader(bytes: Buffer): { created?: number; duration: number | null } {
  const isLong = bytes.readUInt8(0) === 1;
  const seconds = isLong ? Number(bytes.readBigUInt64BE(4)) : bytes.readUInt32BE(4);
  const scale = bytes.readUInt32BE(isLong ? 20 : 12);
  const units = isLong ? Number(bytes.readBigUInt64BE(24)) : bytes.readUInt32BE(16);
  // Some programs count from 1970.
  if (seconds !== 0 && seconds < epoch) throw new Unsure();
  const duration = scale > 0 && units > 0 && units < 2 ** 32 - 1 ? units / scale : null;
  return { ...(seconds !== 0 && seconds < 2 ** 33 && { created: seconds - epoch }), duration };
}

/** The values of the keys that Apple's devices write. */
async function readKeys(boxes: Boxes, meta: Box): Promise<Map<string, string>> {
  const inside = await boxes.list(meta.begin, meta.end);
  const names = inside.find(({ type }) => type === 'keys');
  const list = inside.find(({ type }) => type === 'ilst');
  const values = new Map<string, string>();
  if (!names || !list) return values;
  const bytes = await boxes.bytes(names);
  const known: string[] = [];
  for (let at = 8; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) throw new Unsure();
    known.push(bytes.toString('utf8', at + 8, at + size));
    at += size;
  }
  if (known.some((name) => /date/i.test(name) && name !== 'com.apple.quicktime.creationdate')) throw new Unsure();
  for (const { type, begin, end } of await boxes.list(list.begin, list.end)) {
    const name = known[Buffer.from(type, 'latin1').readUInt32BE(0) - 1];
    if (!name || !/creationdate|ISO6709|quicktime\.model/.test(name)) continue;
    const [value] = await boxes.list(begin, end);
    if (value?.type === 'data') values.set(name, (await boxes.bytes(value)).toString('utf8', 8));
  }
  return values;
}

/** What user data may hold that does not say when a file was taken. */
const harmless = /^(©(xyz|too|swr|mak|mod|enc|inf)|name|free|\0{4})$/;

/** The position that phones write. Throws for what may be a date. */
async function placeOf(boxes: Boxes, userData: Box): Promise<string | undefined> {
  let place: string | undefined;
  for (const box of await boxes.list(userData.begin, userData.end)) {
    if (box.type === 'meta') {
      const text = (await boxes.bytes(box)).toString('latin1');
      if (/©day|date/i.test(text)) throw new Unsure();
    } else if (!harmless.test(box.type)) throw new Unsure();
    if (box.type === '©xyz') place = (await boxes.bytes(box)).toString('latin1', 4);
  }
  return place;
}

/** A position such as `+52.5200+013.4050+034.000/`. */
function positionOf(text: string | undefined): Position | null {
  const match = /^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)(?:[+-]|\/|$)/.exec(text ?? '');
  if (text && !match) throw new Unsure();
  return match ? { latitude: Number(match[1]), longitude: Number(match[2]) } : null;
}

/** The size of the first track that is seen. */
async function frameOf(boxes: Boxes, inside: Box[]): Promise<{ width: number | null; height: number | null }> {
  for (const track of inside.filter(({ type }) => type === 'trak')) {
    const header = (await boxes.list(track.begin, track.end)).find(({ type }) => type === 'tkhd');
    if (!header) continue;
    const bytes = await boxes.bytes(header);
    const width = bytes.readUInt16BE(bytes.length - 8);
    const height = bytes.readUInt16BE(bytes.length - 4);
    if (width > 0 && height > 0) return { width, height };
  }
  return { width: null, height: null };
}

/** The tags that a Canon camera writes into its box. */
async function readCanon(boxes: Boxes, own: Box, now: number): Promise<CaptureTags> {
  const inside = await boxes.list(own.begin + 16, own.end);
  const directory = async (type: string) => {
    const box = inside.find((one) => one.type === type);
    return box ? readDirectory(await boxes.bytes(box)) : new Map<number, string>();
  };
  const [main, exif, place] = [await directory('CMT1'), await directory('CMT2'), await directory('CMT4')];
  // The position is read by something else.
  if (place.has(0x02) || place.has(0x1d)) throw new Unsure();
  const of = (tag: number) => exif.get(tag) ?? '';
  const tags = (from: string, date: number, subseconds: number, offset: number): CaptureTime[] => {
    const parts = { subseconds: of(subseconds), offset: of(offset) || of(0x9010) };
    const time = readTime(of(date), parts, now);
    return time ? [{ from, raw: rawOf(of(date), parts), time }] : [];
  };
  return {
    ...noTags,
    times: [...tags('DateTimeOriginal', 0x9003, 0x9291, 0x9011), ...tags('CreateDate', 0x9004, 0x9292, 0x9012)],
    camera: main.get(0x0110)?.trim() || null,
    width: Number(main.get(0x0100)) || null,
    height: Number(main.get(0x0101)) || null,
  };
}

/** The texts and numbers of a directory of tags, as TIFF writes them. */
function readDirectory(bytes: Buffer): Map<number, string> {
  const isLittle = bytes.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const values = new Map<number, string>();
  const begin = long(4);
  for (let entry = 0; entry < short(begin); entry += 1) {
    const at = begin + 2 + entry * 12;
    const [type, count] = [short(at + 2), long(at + 4)];
    if (type === 2) {
      const from = count > 4 ? long(at + 8) : at + 8;
      values.set(short(at), bytes.toString('latin1', from, from + count).replace(/\0.*$/s, ''));
    } else values.set(short(at), String(type === 3 ? short(at + 8) : type === 4 ? long(at + 8) : ''));
  }
  return values;
}
