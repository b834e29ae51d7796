import { constants } from 'node:fs';
import { readBoxes } from './capture-boxes.ts';
import { readByExifTool } from './capture-exiftool.ts';
import { imageHead, readImage } from './capture-images.ts';
import { type CaptureTags, noTags, readTakeout } from './capture-rules.ts';
import { disk } from './disk.ts';
import { type FileIdentity, identityOf, isSame } from './file-identity.ts';

// Reads when photos and videos were taken. Two quick readers know the usual files; where they find no EXIF date, or a
// movie has what they do not know, ExifTool reads the file.

/** Which readers: both, or one of them alone, for tests and measurements. */
export type CaptureTiers = 'both' | 'quick' | 'exiftool';

/** The file is not the one that was expected. */
export class FileChanged extends Error {
  override name = 'FileChanged';
}

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const longestTakeout = 1 << 20;
const brands = /^(heic|heix|heim|heis|hevc|hevx|mif1|msf1|avif|avis)$/;
const movieBoxes = /^(moov|mdat|wide|free|skip|pnot)$/;

/** How the first bytes of a file are read. */
function kindOf(head: Buffer): 'image' | 'movie' | undefined {
  const text = (from: number, to: number) => head.toString('latin1', from, to);
  if (text(0, 3) === '\xff\xd8\xff' || text(0, 4) === '\x89PNG' || /^(II\*\0|MM\0\*)/.test(text(0, 4))) return 'image';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image';
  if (text(4, 8) === 'ftyp') return brands.test(text(8, 12)) ? 'image' : 'movie';
  return movieBoxes.test(text(4, 8)) ? 'movie' : undefined;
}

export type CaptureReader = {
  /** What is written in a file. Throws FileChanged, CaptureFailed and errors of the disk. */
  read(path: Buffer, expected?: FileIdentity): Promise<CaptureTags>;
  /** What Google Takeout wrote into a file; undefined: it is another one. */
  readTakeout(path: Buffer): Promise<Pick<CaptureTags, 'times' | 'position'> | undefined>;
};

export function openCaptureReader({ tiers = 'both' as CaptureTiers } = {}): CaptureReader {
  async function read(path: Buffer, expected?: FileIdentity): Promise<CaptureTags> {
    const file = await disk.open(path, flags);
    try {
      const identity = identityOf(await file.stat());
      if (expected && !isSame(identity, expected)) throw new FileChanged(`${path} was changed by another program.`);
      const { size } = identity;
      const at = async (position: number, length: number) => {
        const bytes = Buffer.alloc(Math.max(Math.min(length, size - position), 0));
        const { bytesRead } = await file.read(bytes, bytes.length, position);
        return bytes.subarray(0, bytesRead);
      };
      if (tiers !== 'exiftool') {
        const kind = kindOf(await at(0, 16));
        const tags = kind && (kind === 'image' ? await readImage(await at(0, imageHead)) : await readBoxes(at, size));
        if (tags || tiers === 'quick') return tags ?? noTags;
      }
      // The file that is open here: its name may be odd, or that of another file by now.
      return await readByExifTool(`/proc/${process.pid}/fd/${file.descriptor}`);
    } finally {
      await file.close();
    }
  }

  return {
    read,
    async readTakeout(path) {
      const file = await disk.open(path, flags);
      try {
        const bytes = Buffer.alloc(longestTakeout);
        const { bytesRead } = await file.read(bytes, bytes.length, 0);
        return bytesRead < longestTakeout ? readTakeout(bytes.toString('utf8', 0, bytesRead)) : undefined;
      } finally {
        await file.close();
      }
    },
  };
}
