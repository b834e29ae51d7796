import { isUtf8 } from 'node:buffer';
import type { KeepRule } from '@at/contracts/scan-rules';
import type { FileKind, NameRefusal } from '@at/contracts/vocabulary';

const kinds: Record<Exclude<FileKind, 'other'>, string> = {
  photo: 'jpg jpeg jpe heic heif hif png gif webp avif jxl tif tiff bmp',
  raw: 'cr2 cr3 crw nef nrw arw srf sr2 dng raf orf rw2 rwl pef srw x3f iiq 3fr mrw erf kdc dcr mef mos',
  video: 'mov mp4 m4v avi mts m2ts mkv webm 3gp 3g2 mpg mpeg wmv mod tod',
  sidecar: 'xmp aae json thm',
};
const kindOf = new Map(
  Object.entries(kinds).flatMap(([kind, extensions]) =>
    extensions.split(' ').map((extension) => [extension, kind as FileKind]),
  ),
);

/** In lower case, without the dot. */
const extensionOf = (name: string) => /[^.]\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** The kind of a file by its name, as Latin-1. */
export const kindOfName = (name: string): FileKind => kindOf.get(extensionOf(name)) ?? 'other';

/** The part of the name that companions of one directory share; undefined if the file can have none. */
function stemOf(name: string): string | undefined {
  const kind = kindOfName(name);
  if (kind === 'other') return undefined;
  let stem = name.slice(0, -extensionOf(name).length - 1);
  if (kind === 'sidecar') {
    // Those of `X.jpg` are `X.jpg.xmp`, or `X.jpg.supplemental-metadata.json`, which may be cut off.
    const [whole] = stem.split(/\.(?=s[a-z-]*$)/);
    const described = whole as string;
    if (!['other', 'sidecar'].includes(kindOfName(described)))
      stem = described.slice(0, -extensionOf(described).length - 1);
  }
  // What a phone has edited.
  return stem.replace(/^IMG_E(?=\d)/, 'IMG_');
}

/** Files of one directory that belong together, each with its companions, by their names as Latin-1. */
export function companionsOf(names: readonly string[]): string[][] {
  const groups = new Map<string, Map<string, string>>();
  for (const name of names) {
    const stem = stemOf(name);
    if (stem === undefined) continue;
    const group = groups.get(stem) ?? new Map<string, string>();
    groups.set(stem, group);
    // A second one of the same kind, such as a.JPG beside a.jpg, is a file of its own; an edited one is not.
    const mark = `${/^IMG_E\d/.test(name) ? 'edited ' : ''}${name.slice(stem.length).toLowerCase()}`;
    if (!group.has(mark)) group.set(mark, name);
  }
  return [...groups.values()].filter(({ size }) => size > 1).map((group) => [...group.values()]);
}

export type Keeper = { id: number; status: string; root_id: number; path: Buffer; mtime_ns: bigint };

/** What is further on its way comes first. */
const ranks: Record<string, number> = { SORTED: 1, ARCHIVED: 1, SYNCED: 2, BATCHED: 3, UNIQUE: 4, NEW: 5 };

/** Orders files with the same content: the first one goes on. */
export function compareKeepers({ keep, preferred }: KeepRule): (one: Keeper, other: Keeper) => number {
  const folders = preferred.map((folder) => Buffer.from(`${folder.replace(/\/+$/, '')}/`));
  const placeOf = ({ path }: Keeper) => {
    const place = folders.findIndex((folder) => path.subarray(0, folder.length).equals(folder));
    return place === -1 ? folders.length : place;
  };
  return (one, other) =>
    (ranks[one.status] ?? 6) - (ranks[other.status] ?? 6) ||
    placeOf(one) - placeOf(other) ||
    (keep === 'shortest' ? one.path.length - other.path.length : 0) ||
    (keep === 'oldest' ? Number(one.mtime_ns - other.mtime_ns) : 0) ||
    one.root_id - other.root_id ||
    Buffer.compare(one.path, other.path) ||
    one.id - other.id;
}

/** Whether less than half of the files are there: perhaps it is another disk, or one that lost its files. */
export const isSuspicious = (known: number, missing: number): boolean => missing > 0 && missing * 2 > known;

/** Bytes of a name, and of a path below a batch. */
export const longestName = 255;
const longestPath = 2_000;

/** Names that Syncthing takes for its own temporary files. */
const isTemporary = (name: string) => /^\.syncthing\..*\.tmp$/.test(name) || name.startsWith('~syncthing~');

/** Why the file at a path below its root can be in no batch; undefined: it can. */
export function nameRefusal(path: Buffer): NameRefusal | undefined {
  if (!isUtf8(path)) return 'not_utf8';
  const text = path.toString().normalize('NFC');
  const parts = text.split('/');
  if (Buffer.byteLength(text) > longestPath || parts.some((part) => Buffer.byteLength(part) > longestName))
    return 'name_too_long';
  return parts.some(isTemporary) ? 'never_synced' : undefined;
}
