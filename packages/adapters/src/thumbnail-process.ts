import { execFile } from 'node:child_process';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExifTool } from 'exiftool-vendored';
import type { Sharp, SharpInput } from 'sharp';

// A process that makes small pictures of files, one after the other. Decoders of pictures are native code that reads what strangers
// sent: here a fault of theirs ends this process alone, and so does the limit of its memory.

/**
 * `path`: of a file that is open in another process. `edge`: pixels of the longer side, at most. `scratch`: a directory that may be
 * made; who sends the job removes it if this process ends before it has.
 */
export type ThumbnailJob = { path: string; isRaw: boolean; edge: number; scratch: string };
/** `none`: no picture can be made of the file; `unusable`: nor of any other, and why. */
export type ThumbnailReply = { picture: Uint8Array } | { none: true } | { unusable: string };

/** What cameras have; 30,000 x 30,000 is not decoded. */
const mostPixels = 2 ** 28;
const mostBytes = 256 * 2 ** 20;
/** Milliseconds for another program. */
const programTime = 8_000;

const { default: sharp } = await import('sharp').catch((error: Error) => {
  process.send?.({ unusable: `${error.message.split('\n', 1)[0]}` } satisfies ThumbnailReply);
  return { default: undefined };
});

// No SVG, PDF or other kind whose reader does more than decode.
sharp?.block({ operation: ['VipsForeignLoad'] });
sharp?.unblock({ operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((kind) => `VipsForeignLoad${kind}`) });
sharp?.concurrency(1);
sharp?.cache(false);

/** How a file is decoded, by its first bytes and never by its name. */
function decoderOf(head: Buffer): 'sharp' | 'heif' | undefined {
  const text = (from: number, to: number) => head.toString('latin1', from, to);
  if (text(0, 3) === '\xff\xd8\xff' || text(0, 4) === '\x89PNG' || text(0, 4) === 'GIF8') return 'sharp';
  if (/^(II\*\0|MM\0\*)/.test(text(0, 4)) || (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP')) return 'sharp';
  if (text(4, 8) !== 'ftyp') return undefined;
  if (/^avi[fs]$/.test(text(8, 12))) return 'sharp';
  return /^(hei[cmsx]|hev[cmx]|mif1|msf1)$/.test(text(8, 12)) ? 'heif' : undefined;
}

/** What is left of a picture that was cut off is shown. */
const decode = (input: SharpInput) =>
  (sharp as NonNullable<typeof sharp>)(input, { failOn: 'none', limitInputPixels: mostPixels, animated: false });

/** Without metadata, such as the place where the photo was taken, and in the colours of screens. */
async function shrink(picture: Sharp, edge: number): Promise<Uint8Array> {
  const size = { width: edge, height: edge, fit: 'inside', withoutEnlargement: true } as const;
  return picture.resize(size).webp({ quality: 75, effort: 3 }).toBuffer();
}

async function readFile(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > mostBytes) throw new Error('It is too large.');
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(16);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** By the program `heif-convert`, where it is installed: it turns the picture as the file says. */
async function decodeHeif({ path, edge, scratch }: ThumbnailJob): Promise<Uint8Array> {
  const { width, height } = await decode(path).metadata();
  if (width * height > mostPixels) throw new Error('It has too many pixels.');
  await mkdir(scratch, { mode: 0o700 });
  try {
    const target = join(scratch, 'picture.jpg');
    await new Promise<void>((resolve, reject) => {
      const options = { timeout: programTime, killSignal: 'SIGKILL' } as const;
      execFile('heif-convert', ['-q', '90', path, target], options, (error) => (error ? reject(error) : resolve()));
    });
    if ((await stat(target)).size > mostBytes) throw new Error('It is too large.');
    return await shrink(decode(target).autoOrient(), edge);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

let program: Promise<ExifTool> | undefined;

async function openExifTool(): Promise<ExifTool> {
  const { ExifTool: Program } = await import('exiftool-vendored');
  return new Program({ maxProcs: 1, taskTimeoutMillis: programTime, taskRetries: 0 });
}

/** Pictures that cameras put into their files; the first is large enough for a screen, in most of them. */
const previews = ['PreviewImage', 'JpgFromRaw', 'OtherImage', 'ThumbnailImage'];

/** By the JPEG that is in the file. Of a small one the next is tried too. */
async function decodePreview(path: string, edge: number): Promise<Uint8Array | undefined> {
  program ??= openExifTool();
  const tool = await program;
  let best: { picture: Sharp; side: number } | undefined;
  for (const name of previews) {
    try {
      const picture = decode(await tool.extractBinaryTagToBuffer(name, path));
      const { width, height, format, orientation } = await picture.metadata();
      const side = Math.max(width, height);
      if (format !== 'jpeg' || side <= (best?.side ?? 0)) continue;
      // Most are not turned, and only the file says how they must be.
      best = { picture: orientation === undefined ? await turned(tool, path, picture) : picture.autoOrient(), side };
      if (side >= edge) break;
    } catch {
      // It has none of this name, or one that is broken.
    }
  }
  return best && shrink(best.picture, edge);
}

/** Angles and mirrors by EXIF orientation. */
const turns: Record<number, [angle: number, isMirrored: boolean]> = {
  2: [0, true],
  3: [180, false],
  4: [180, true],
  5: [270, true],
  6: [90, false],
  7: [90, true],
  8: [270, false],
};

async function turned(tool: ExifTool, path: string, picture: Sharp): Promise<Sharp> {
  const tags = await tool.readRaw(path, { readArgs: ['-Orientation#'] }).catch(() => undefined);
  const [angle, isMirrored] = turns[Number((tags as { Orientation?: unknown } | undefined)?.Orientation)] ?? [0, false];
  // Mirrored first: the decoder turns before it mirrors.
  return isMirrored ? picture.flop().rotate(angle) : picture.rotate(angle);
}

async function make(job: ThumbnailJob): Promise<Uint8Array | undefined> {
  const { path, isRaw, edge } = job;
  const decoder = decoderOf(await readHead(path));
  const own = {
    sharp: async () => shrink(decode(await readFile(path)).autoOrient(), edge),
    heif: () => decodeHeif(job),
  };
  if (decoder !== undefined && !isRaw) {
    try {
      return await own[decoder]();
    } catch {
      // Then by what is in it.
    }
  }
  return decodePreview(path, edge);
}

process.on('message', async (job: ThumbnailJob) => {
  const picture = await make(job).catch(() => undefined);
  process.send?.((picture ? { picture } : { none: true }) satisfies ThumbnailReply);
});
// Its only reader has ended.
process.on('disconnect', () => process.exit());
