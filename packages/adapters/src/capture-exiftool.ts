import type { FailureCode } from '@at/contracts/vocabulary';
import type { ExifTool } from 'exiftool-vendored';
import {
  type CaptureTags,
  type CaptureTime,
  isPossible,
  noTags,
  type Position,
  rawOf,
  readTime,
} from './capture-rules.ts';

// ExifTool reads every kind of file, and has the last word. It is a program in Perl that runs beside this one.

const wanted = [
  'DateTimeOriginal',
  'SubSecTimeOriginal',
  'OffsetTimeOriginal',
  'CreateDate',
  'SubSecTimeDigitized',
  'OffsetTimeDigitized',
  'OffsetTime',
  'DateCreated',
  'TimeCreated',
  'DateTimeDigitized',
  'CreationDate',
  'ContentCreateDate',
  'CreationTime',
  'GPSDateTime',
  'GPSPosition#',
  'Model',
  'ImageSize',
  'Duration#',
];
/** Each tag with its group, also where several groups have it; not what follows a picture. */
const options = { useMWG: false, readArgs: ['-fast', '-G1', '-a', ...wanted.map((tag) => `-${tag}`)] };

/** ExifTool does not run. */
export class CaptureFailed extends Error {
  override name = 'CaptureFailed';
  readonly failure = 'unusable' satisfies FailureCode;
}

let program: ExifTool | undefined;

/** Of this process: a start takes as long as hundreds of files, and each of many small scans would have one. */
async function openExifTool(): Promise<ExifTool> {
  const { ExifTool: Program } = await import('exiftool-vendored');
  if (!program || program.ended)
    program = new Program({
      maxProcs: 2,
      maxIdleMsPerProcess: 60_000,
      taskTimeoutMillis: 30_000,
      taskRetries: 1,
    });
  return program;
}

/** Reads a file by a path without control characters. Nothing is known of one that it cannot read. Throws CaptureFailed. */
export async function readByExifTool(path: string, now = Date.now()): Promise<CaptureTags> {
  const tool = await openExifTool();
  try {
    return tagsOf((await tool.readRaw(path, options)) as Record<string, unknown>, now);
  } catch (error) {
    try {
      await tool.version();
    } catch {
      throw new CaptureFailed('ExifTool does not run, so no dates are read. Install Perl, then retry.', {
        cause: error,
      });
    }
    return noTags;
  }
}

function tagsOf(tags: Record<string, unknown>, now: number): CaptureTags {
  const text = (name: string) => (tags[name] === undefined ? '' : String(tags[name]).trim());
  const others = (tag: string, but: RegExp) =>
    Object.keys(tags).filter((name) => name.endsWith(`:${tag}`) && !but.test(name));
  const times: CaptureTime[] = [];
  const add = (from: string, date: string, parts: { subseconds?: string; offset?: string; isUtc?: boolean } = {}) => {
    const { isUtc } = parts;
    const time = readTime(isUtc ? date.replace(/Z$/, '') : date, parts, now);
    if (!time) return;
    const isInUtc = isUtc && time.offset === undefined;
    times.push({ from, raw: rawOf(date, parts), time: { ...time, ...(isInUtc && { isUtc: true as const }) } });
  };
  const offset = (of: string) => text(`ExifIFD:OffsetTime${of}`) || text('ExifIFD:OffsetTime');

  add('DateTimeOriginal', text('ExifIFD:DateTimeOriginal'), {
    subseconds: text('ExifIFD:SubSecTimeOriginal'),
    offset: offset('Original'),
  });
  for (const name of others('DateTimeOriginal', /^(ExifIFD|XMP|Composite|UserData)/))
    add(name.replace(':', ' '), text(name), { isUtc: name.startsWith('Matroska') });
  add('CreateDate', text('ExifIFD:CreateDate'), {
    subseconds: text('ExifIFD:SubSecTimeDigitized'),
    offset: offset('Digitized'),
  });
  for (const name of ['exif:DateTimeOriginal', 'photoshop:DateCreated', 'exif:DateTimeDigitized', 'xmp:CreateDate'])
    add(`XMP ${name.split(':')[1]}`, text(`XMP-${name}`));
  add('IPTC DateCreated', `${text('IPTC:DateCreated')} ${text('IPTC:TimeCreated')}`.trim());
  add('Keys CreationDate', text('Keys:CreationDate'));
  for (const name of ['UserData:DateTimeOriginal', 'UserData:ContentCreateDate', 'ItemList:ContentCreateDate'])
    add(name.replace(':', ' '), text(name));
  add('QuickTime CreateDate', text('QuickTime:CreateDate'), { isUtc: true });
  for (const name of others('CreationTime', /^XMP/)) add('PNG CreationTime', text(name));
  const satellites = readTime(text('Composite:GPSDateTime').replace(/Z$/, ''), {}, now);
  if (satellites) add('GPS', text('Composite:GPSDateTime'), { isUtc: true });

  const [width, height] = text('Composite:ImageSize').split(/[ x]/).map(Number);
  const duration = Number(tags[others('Duration', /^$/)[0] ?? '']);
  return {
    ...noTags,
    times,
    satelliteMs: satellites && isPossible(satellites.ms, now) ? Math.trunc(satellites.ms / 1000) * 1000 : null,
    position: positionOf(text('Composite:GPSPosition')),
    camera: text('IFD0:Model') || text('Keys:Model') || others('Model', /^$/).map(text)[0] || null,
    width: width || null,
    height: height || null,
    duration: duration > 0 ? duration : null,
  };
}

function positionOf(text: string): Position | null {
  const [latitude = Number.NaN, longitude = Number.NaN] = text.split(/[ ,]+/).map(Number);
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? { latitude, longitude } : null;
}
