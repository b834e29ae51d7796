import type { BatchSkipReason } from '@at/contracts/vocabulary';
import { longestName, nameRefusal } from '../files/rules.ts';
import { mostAtOnce } from '../moves/journal.ts';

// Which groups of files make the next batch, and which names they have in it.

/** Files of one batch: more would not fit into a transaction. */
export const mostFiles = 10_000;

/** Its manifest, in its directory. */
export const manifestName = 'manifest.json';
/** Also on a disk that does not tell upper case from lower case. */
const isManifest = (name: string) => name.toLowerCase() === manifestName;

/** A file that can go into a batch. `directory`: its path below the inbox. */
export type Candidate = {
  id: number;
  /** The file that names its group. */
  head: number;
  directory: Buffer;
  name: Buffer;
  size: number;
  mtime_ns: string;
  sha256: string | null;
  /** A companion was not compared yet, or has an error. */
  is_held: boolean;
};

export type SelectionLimits = { max_size_gb: number; max_files: number };

export type Skipped = { path: string; files: number; size_bytes: number; reason: BatchSkipReason };

/** Groups that the report of a selection names. */
const mostNamed = 200;

/** The path below the inbox, as bytes. */
export const sourceOf = ({ directory, name }: Pick<Candidate, 'directory' | 'name'>): Buffer =>
  directory.length === 0 ? name : Buffer.concat([directory, Buffer.from('/'), name]);

/** Why a file can be in no batch; undefined: it can. */
const refusalOf = (file: Candidate): BatchSkipReason | undefined =>
  nameRefusal(sourceOf(file)) ?? (file.is_held ? 'not_ready' : undefined);

const sizeOf = (group: Candidate[]) => group.reduce((sum, { size }) => sum + size, 0);

/** Adds groups while they fit, and passes over those that do not. */
export class Selection {
  readonly groups: Candidate[][] = [];
  /** Groups that fit into no batch, or cannot be sent. */
  readonly skipped: Skipped[] = [];
  readonly skips: Partial<Record<BatchSkipReason, number>> = {};
  readonly #limits: { bytes: number; files: number };
  bytes = 0;
  files = 0;

  constructor({ max_size_gb, max_files }: SelectionLimits) {
    this.#limits = {
      bytes: max_size_gb > 0 ? max_size_gb * 1024 ** 3 : Number.POSITIVE_INFINITY,
      files: max_files > 0 ? Math.min(max_files, mostFiles) : mostFiles,
    };
  }

  take(group: Candidate[]): void {
    const bytes = sizeOf(group);
    const reason = this.#refusal(group, bytes);
    if (reason) {
      this.skips[reason] = (this.skips[reason] ?? 0) + 1;
      const path = sourceOf(group[0] as Candidate).toString();
      if (this.skipped.length < mostNamed) this.skipped.push({ path, files: group.length, size_bytes: bytes, reason });
      return;
    }
    if (this.bytes + bytes > this.#limits.bytes || this.files + group.length > this.#limits.files) return;
    this.groups.push(group);
    this.bytes += bytes;
    this.files += group.length;
  }

  #refusal(group: Candidate[], bytes: number): BatchSkipReason | undefined {
    for (const file of group) {
      const reason = refusalOf(file);
      if (reason) return reason;
    }
    const isTooLarge = bytes > this.#limits.bytes || group.length > Math.min(this.#limits.files, mostAtOnce);
    return isTooLarge ? 'too_large' : undefined;
  }

  /** Whether no more groups can be added, of which the smallest has so many bytes. */
  isFull(smallest: number): boolean {
    return this.files >= this.#limits.files || this.bytes + smallest > this.#limits.bytes;
  }

  /** Why nothing was chosen; undefined: something was. */
  get lack(): 'nothing_to_do' | 'all_too_large' | undefined {
    if (this.groups.length > 0) return undefined;
    return (this.skips.too_large ?? 0) > 0 ? 'all_too_large' : 'nothing_to_do';
  }
}

/** A file with its path in the batch. `companions` is the same for those that move together. */
export type Chosen = Candidate & { companions: number; path: string };

/**
 * The paths of files in their batch: those below the inbox in NFC. Where two would be the same, the later group gets `_1` before what
 * its names do not share.
 */
export function pathsInBatch(groups: Candidate[][]): Chosen[] {
  const taken = new Set<string>();
  // A file can have the name of a directory once both are in NFC.
  for (const { directory } of groups.flat())
    for (let path = directoryInBatch(directory); path !== ''; path = path.slice(0, Math.max(path.lastIndexOf('/'), 0)))
      taken.add(path);
  return groups.flatMap((group, companions) => {
    const named = group.map((file) => ({ file, ...partsOf(file, group.length > 1) }));
    // Companions keep one stem, also where it is cut.
    const longest = Math.max(...named.map(({ rest }) => Buffer.byteLength(rest)));
    for (let n = 0; ; n += 1) {
      const mark = n === 0 ? '' : `_${n}`;
      const room = longestName - longest - mark.length;
      const paths = named.map(({ directory, stem, rest }) => `${directory}${cut(stem, room)}${mark}${rest}`);
      if (new Set(paths).size < paths.length || paths.some((path) => taken.has(path) || isManifest(path))) continue;
      for (const path of paths) taken.add(path);
      return named.map(({ file }, i) => ({ ...file, companions, path: paths[i] as string }));
    }
  });
}

/** The place of the mark in a name: before the first dot for companions, else before the last. */
export function markPlace(name: string, hasCompanions: boolean): number {
  const dot = hasCompanions ? name.indexOf('.', 1) : name.lastIndexOf('.');
  return dot > 0 ? dot : name.length;
}

/** Its first folder is not the manifest. */
const directoryInBatch = (directory: Buffer) =>
  directory
    .toString()
    .normalize('NFC')
    .replace(/^[^/]+/, (folder) => (isManifest(folder) ? `${folder}_1` : folder));

function partsOf({ directory, name }: Candidate, hasCompanions: boolean) {
  const text = name.toString().normalize('NFC');
  const at = markPlace(text, hasCompanions);
  return {
    directory: directory.length === 0 ? '' : `${directoryInBatch(directory)}/`,
    stem: text.slice(0, at),
    rest: text.slice(at),
  };
}

/** The first characters of a text that have so many bytes at most. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = '';
  for (const character of text) {
    if (Buffer.byteLength(kept) + Buffer.byteLength(character) > bytes) break;
    kept += character;
  }
  return kept;
}

/** The name that a pattern gives a batch. `day`: as 2026-11-30. */
export const nameOfBatch = (pattern: string, index: number, day: string): string =>
  pattern
    .replaceAll(/\{index(?::0?(\d*)d)?\}/g, (_, width: string | undefined) =>
      String(index).padStart(Number(width ?? 0), '0'),
    )
    .replaceAll('{date}', day)
    .normalize('NFC');
