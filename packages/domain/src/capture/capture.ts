import { type CaptureReader, FileChanged, openCaptureReader } from '@at/adapters/capture-date';
import {
  type Captured,
  type CaptureTags,
  type CaptureTime,
  capturedAt,
  timeInName,
  timeOfFile,
} from '@at/adapters/capture-rules';
import { DiskError } from '@at/adapters/disk';
import { below } from '@at/adapters/file-names';
import type { TaskContext } from '@at/runs/task';
import { findPaths } from '../files/queries.ts';
import { findReadableRoots } from '../files/read.ts';
import {
  countUnexamined,
  type Examinable,
  type Examined,
  type ExaminedSet,
  findUnexamined,
  writeExamined,
} from './queries.ts';

// When files were taken. What is written in a file is read once and kept in its row; companions have the time of the one that counts.

/** Groups of one transaction. */
const slice = 100;
/** Files that are read at once. */
const atOnce = 3;

export type CaptureSettings = {
  /** For what names no zone and no place. */
  timezone: string;
  /** Whether the time of the file counts if nothing else says when it was taken. */
  fallback: boolean;
};

const nameOf = ({ name }: Pick<Examinable, 'name'>) => name.toString('latin1');
const kindOrder = ['photo', 'raw', 'video', 'other', 'sidecar'];

/** Companions, that one first whose time counts: the still, and not what a phone has edited. */
export function inOrder<F extends { id: number; kind: string; name: Buffer }>(group: readonly F[]): F[] {
  const rank = (file: F) => kindOrder.indexOf(file.kind) * 2 + (/^IMG_E\d/.test(nameOf(file)) ? 1 : 0);
  return group.toSorted((a, b) => rank(a) - rank(b) || Buffer.compare(a.name, b.name) || a.id - b.id);
}

type Read = { file: Examinable; tags: CaptureTags };
type Takeout = Pick<CaptureTags, 'times' | 'position'>;

/** When a group was taken. Undefined: nothing says it. `read` are its media, in their order. */
function decideCapture(
  group: readonly Examinable[],
  read: readonly Read[],
  takeout: Takeout | undefined,
  { timezone, fallback }: CaptureSettings,
  now = Date.now(),
): Captured | undefined {
  const [main, ...others] = read;
  const own = main?.tags.times ?? [];
  const at = ({ from }: CaptureTime) => from !== 'GPS';
  const of = ({ tags }: Read, times = tags.times) => times.map((time) => ({ time, tags }));
  const nowhere = { position: main?.tags.position ?? null, satelliteMs: null };
  const [time] = [
    ...(main ? of(main, own.filter(at)) : []),
    ...(takeout?.times ?? []).map((time) => ({
      time,
      tags: { position: takeout?.position ?? nowhere.position, satelliteMs: null },
    })),
    ...(main
      ? of(
          main,
          own.filter((time) => !at(time)),
        )
      : []),
    ...others.flatMap((other) => of(other)),
    ...inOrder(group)
      .flatMap((file) => timeInName(nameOf(file), now) ?? [])
      .map((time) => ({ time, tags: nowhere })),
    ...(fallback ? inOrder(group).slice(0, 1) : [])
      .flatMap((file) => timeOfFile(BigInt(file.mtime_ns), now) ?? [])
      .map((time) => ({ time, tags: nowhere })),
  ];
  return time && capturedAt(time.time, time.tags, timezone);
}

/**
 * Reads when files were taken, where that is not known, and writes it into their rows. An attempt that is repeated goes on where the last
 * one ended. A file that is gone, changing or not readable is left to a later call, with its companions, and named. Throws DiskHangs.
 */
export async function examineFiles(
  {
    db,
    checkpoint,
    signal,
    log,
    progress,
  }: Pick<TaskContext<unknown>, 'db' | 'checkpoint' | 'signal' | 'log' | 'progress'>,
  of: ExaminedSet,
  settings: CaptureSettings,
): Promise<{ examined: number }> {
  const total = await countUnexamined(db, of);
  if (total === 0) return { examined: 0 };
  const { paths: roots } = await findReadableRoots(db);
  const directories = new Map<number, Buffer>();
  const reader = openCaptureReader();
  let done = 0;
  for (let after = 0; ; ) {
    signal.throwIfAborted();
    const files = await findUnexamined(db, of, after, slice);
    const last = files.at(-1);
    if (!last) return { examined: done };
    after = last.head;
    const unknown = [...new Set(files.map(({ directory_id }) => directory_id))].filter((id) => !directories.has(id));
    for (const { id, root_id, path } of await findPaths(db, unknown)) {
      const root = roots.get(root_id);
      if (root) directories.set(id, path.length > 0 ? below(root, path) : root);
    }
    const groups = [...Map.groupBy(files, ({ head }) => head).values()];
    const examined: Examined[] = [];
    let nth = 0;
    const work = async () => {
      for (let group = groups[nth++]; group; group = groups[nth++]) {
        signal.throwIfAborted();
        try {
          examined.push(...(await examineGroup(reader, group, directories, settings)));
        } catch (error) {
          if (!(error instanceof FileChanged || error instanceof DiskError)) throw error;
          log.warn(`When a file was taken is not known yet. ${error.message}`);
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await checkpoint((trx) => writeExamined(trx, examined));
    done += examined.length;
    progress({ done, total: Math.max(total, done), unit: 'files', message: 'Reading when files were taken' });
  }
}

async function examineGroup(
  reader: CaptureReader,
  group: Examinable[],
  directories: Map<number, Buffer>,
  settings: CaptureSettings,
): Promise<Examined[]> {
  const read: Read[] = [];
  let takeout: Takeout | undefined;
  // Without those on a disk that is not there.
  const present = inOrder(group.filter(({ directory_id }) => directories.has(directory_id)));
  for (const file of present) {
    const directory = directories.get(file.directory_id) as Buffer;
    const path = below(directory, file.name);
    const expected = { size: file.size, mtimeNs: file.mtime_ns, inode: String(BigInt.asUintN(64, BigInt(file.inode))) };
    const isSidecar = file.kind === 'sidecar';
    if (isSidecar && /\.json$/i.test(nameOf(file))) takeout ??= await reader.readTakeout(path);
    // A sidecar of another program, if nothing in the file itself says it.
    else if (!isSidecar || read.every(({ tags }) => tags.times.length === 0))
      read.push({ file, tags: await reader.read(path, expected) });
  }
  const captured = decideCapture(present, read, takeout, settings);
  const [main] = read;
  return present.map((file) => {
    const tags = read.find((one) => one.file === file)?.tags;
    const { id, size, mtime_ns, inode } = file;
    return {
      id,
      size,
      mtime_ns,
      inode,
      captured_at: captured?.at ?? null,
      captured_offset: captured?.offset ?? null,
      captured_from: captured?.from ?? null,
      captured_raw: captured?.raw.slice(0, 200) ?? null,
      camera: main?.tags.camera?.slice(0, 200) ?? null,
      width: tags?.width ?? null,
      height: tags?.height ?? null,
      duration: tags?.duration ?? null,
    };
  });
}
