import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { chunk, pngBegin } from './captures.ts';

/** Pictures with something to see. */

const svgOf = (width: number, height: number, hue: number) => `
  <svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="none">
    <linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue} 70% 45%)"/><stop offset="1" stop-color="hsl(${(hue + 60) % 360} 80% 80%)"/></linearGradient>
    <rect width="100" height="100" fill="url(#sky)"/>
    <circle cx="${20 + (hue % 60)}" cy="24" r="9" fill="hsl(50 95% 70%)"/>
    <path d="M0 70 L${20 + (hue % 25)} 42 L45 66 L${60 + (hue % 30)} 36 L100 72 V100 H0 Z" fill="hsl(${(hue + 180) % 360} 30% 30%)"/>
  </svg>`;

const drawn = (width: number, height: number, hue: number) => sharp(Buffer.from(svgOf(width, height, hue)));

/** A JPEG: hills below a sky of a colour. */
export const landscape = (width: number, height: number, hue = 200): Promise<Buffer> =>
  drawn(width, height, hue).jpeg({ quality: 80 }).toBuffer();

/** A file of a kind: red on the left, blue on the right. */
export async function halves(width: number, height: number, format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif') {
  const blue = { create: { width: Math.floor(width / 2), height, channels: 3, background: 'blue' } } as const;
  const red = sharp({ create: { width, height, channels: 3, background: 'red' } });
  return red
    .composite([{ input: blue, gravity: 'east' }])
    .toFormat(format)
    .toBuffer();
}

/** A PNG: red that lets half of the ground through. */
export const seeThrough = (): Promise<Buffer> =>
  sharp({ create: { width: 200, height: 100, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } } })
    .png()
    .toBuffer();

/** A PNG of few bytes and 900 million pixels. */
export function bomb(): Buffer {
  const side = 30_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // One bit each.
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(side * (1 + side / 8)), { level: 1 });
  return Buffer.concat([pngBegin, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

/** 64 x 64, red, as phones encode it. */
export const heicPicture = Buffer.from(
  'AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAA' +
    'REAAAQABAAAAAAFmAAEAAAAAAAAAGAAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwmlwcnAAAACkaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34' +
    '+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABRp' +
    'c3BlAAAAAAAAAEAAAABAAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAAAgbWRhdAAAABQoAa8EGPx5OOv/9v+PxcBb1CR0OA==',
  'base64',
);

export type Seen = {
  format: string;
  width: number;
  height: number;
  hasAlpha: boolean;
  metadata: string[];
  left: string;
  right: string;
  top: string;
  bottom: string;
};

/** What is in a picture: the colours are those in the middle of its edges. */
export async function look(picture: Uint8Array): Promise<Seen> {
  const opened = sharp(picture);
  const { format, width, height, hasAlpha, exif, xmp, iptc, icc, orientation } = await opened.metadata();
  const { data, info } = await opened.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => {
    const begin = (y * width + x) * info.channels;
    const [r = 0, , b = 0] = data.subarray(begin, begin + 3);
    return r > 200 && b < 60 ? 'red' : b > 200 && r < 60 ? 'blue' : 'other';
  };
  const [centre, middle] = [Math.floor(width / 2), Math.floor(height / 2)];
  const kept = { exif, xmp, iptc, icc, orientation };
  const metadata = Object.entries(kept).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return {
    format,
    width,
    height,
    hasAlpha,
    metadata,
    left: at(2, middle),
    right: at(width - 3, middle),
    top: at(centre, 2),
    bottom: at(centre, height - 3),
  };
}
