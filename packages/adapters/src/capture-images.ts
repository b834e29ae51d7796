import type { ExpandedTags } from 'exifreader';
import { type CaptureTags, type CaptureTime, noTags, rawOf, readTime } from './capture-rules.ts';

/** Bytes from the beginning of a picture that usually have its EXIF data. */
export const imageHead = 128 * 1024;

/** The EXIF dates of a JPEG, HEIC, PNG, TIFF or WebP file by its first bytes; undefined: they have none. */
export async function readImage(head: Buffer, now = Date.now()): Promise<CaptureTags | undefined> {
  const { default: reader } = await import('exifreader');
  let tags: ExpandedTags;
  try {
    tags = reader.load(head, {
      expanded: true,
      includeTags: { file: true, png: true, riff: true, exif: true, gps: true },
    });
  } catch {
    // It throws errors of many kinds for files that are broken or cut off.
    return undefined;
  }
  const exif = (tags.exif ?? {}) as Record<string, { value: unknown; description?: unknown } | undefined>;
  const text = (name: string): string => {
    const value = exif[name]?.value;
    const written = Array.isArray(value) ? value[0] : value;
    return typeof written === 'string' ? written.replace(/\0.*$/s, '').trim() : '';
  };
  const times: CaptureTime[] = [];
  for (const [from, date, of] of [
    ['DateTimeOriginal', 'DateTimeOriginal', 'Original'],
    ['CreateDate', 'DateTimeDigitized', 'Digitized'],
  ] as const) {
    const parts = { subseconds: text(`SubSecTime${of}`), offset: text(`OffsetTime${of}`) || text('OffsetTime') };
    const time = readTime(text(date), parts, now);
    if (time) times.push({ from, raw: rawOf(text(date), parts), time });
  }
  if (times.length === 0) return undefined;
  const { Latitude: latitude, Longitude: longitude } = tags.gps ?? {};
  // Of a HEIC file only EXIF says it; of a TIFF file, which may be a raw one, EXIF has the size of the preview.
  const isHeic = tags.file?.FileType?.value === 'heic';
  const frames = [tags.file, tags.pngFile, tags.riff, isHeic ? tags.exif : undefined] as (typeof exif | undefined)[];
  const side = (...names: string[]) => {
    const values = frames.flatMap((frame) => names.map((name) => frame?.[name]?.value));
    return values.find((value): value is number => typeof value === 'number' && value > 0) ?? null;
  };
  return {
    ...noTags,
    times,
    satelliteMs: satelliteMs(exif),
    position: latitude !== undefined && longitude !== undefined ? { latitude, longitude } : null,
    camera: text('Model') || null,
    width: side('Image Width', 'ImageWidth', 'PixelXDimension'),
    height: side('Image Height', 'ImageHeight', 'PixelYDimension'),
  };
}

/** The time of the satellites, without one that is not possible. */
function satelliteMs(exif: Record<string, { value: unknown; description?: unknown } | undefined>): number | null {
  const [date] = [exif.GPSDateStamp?.value].flat();
  const parts = exif.GPSTimeStamp?.value;
  if (typeof date !== 'string' || !Array.isArray(parts) || parts.length < 3) return null;
  const numbers = parts.map((part) => (Array.isArray(part) ? Number(part[0]) / Number(part[1]) : Number(part)));
  const [hour = 0, minute = 0, second = 0] = numbers;
  const day = readTime(date.replace(/\0.*$/s, ''));
  const ms = (day?.ms ?? Number.NaN) + ((hour * 60 + minute) * 60 + Math.trunc(second)) * 1000;
  return Number.isFinite(ms) ? ms : null;
}
