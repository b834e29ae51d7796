import { below } from '@at/adapters/file-names';
import { type HashJob, hashFiles } from '@at/adapters/file-thread';
import type { DB } from '@at/db/schema';
import type { TaskContext } from '@at/runs/task';
import type { Kysely } from 'kysely';
import {
  type Candidate,
  closeCandidates,
  type Devices,
  findPaths,
  findRoots,
  nextCandidates,
  openHeads,
  openUnverified,
  openWholes,
} from './queries.ts';
import { lookAtRoot } from './roots.ts';
import type { LeftOut } from './walk.ts';
import { type Hashed, writeHashes } from './writes.ts';

// The second part of a scan: files that may be equal are read: first their ends, and if those are equal, the whole files.

/** Candidates of one fetch, and results of one transaction. */
const most = { candidates: 1_000, results: 500 };

/** The roots whose files can be read, and the disks of all. */
export type ReadableRoots = { paths: Map<number, Buffer>; devices: Devices };

export async function findReadableRoots(db: Kysely<DB>): Promise<ReadableRoots> {
  const paths = new Map<number, Buffer>();
  const devices: Devices = { roots: [], devices: [] };
  for (const root of await findRoots(db)) {
    const marker = await lookAtRoot(root).catch(() => undefined);
    if (marker) paths.set(root.id, root.path);
    devices.roots.push(root.id);
    // While a disk is not there, its device is not known.
    devices.devices.push(marker?.device ?? `root ${root.id}`);
  }
  return { paths, devices };
}

type Job = HashJob & { candidate: Candidate };

/**
 * Reads what may be equal to a NEW file of a root, and what may have changed. `session` keeps a cursor. Returns the files that could
 * not be read, and the path that was read last.
 */
export async function readFiles(
  context: TaskContext<unknown>,
  session: Kysely<DB>,
  { root, threads, readable }: { root: number; threads: number; readable: ReadableRoots },
  left: LeftOut,
): Promise<{ unread: number[]; last: string | null }> {
  const unread: number[] = [];
  let last: string | null = null;
  const stages = [
    { open: openUnverified, part: 'whole', message: 'Reading files that may have changed' },
    { open: openHeads, part: 'head', message: 'Reading the ends of files of equal size' },
    { open: openWholes, part: 'whole', message: 'Reading files with equal ends' },
  ] as const;
  const paths = new Map<number, Buffer>();
  for (const { open, part, message } of stages) {
    await open(session, root, readable.devices);
    try {
      last = (await readAll(context, { session, part, message, threads, readable, paths, unread, left })) ?? last;
    } finally {
      await closeCandidates(session).catch(() => {});
    }
  }
  return { unread, last };
}

type Reading = {
  session: Kysely<DB>;
  part: HashJob['part'];
  message: string;
  threads: number;
  readable: ReadableRoots;
  /** Of directories. */
  paths: Map<number, Buffer>;
  unread: number[];
  left: LeftOut;
};

/** Returns the path that was read last. */
async function readAll(context: TaskContext<unknown>, reading: Reading): Promise<string | undefined> {
  const { checkpoint, signal, progress } = context;
  const { part, message, threads, unread, left } = reading;
  const totals = { files: 0, bytes: 0 };
  let files = 0;
  let bytes = 0;
  let results: Hashed[] = [];
  let last: Buffer | undefined;
  const began = performance.now();
  const write = async () => {
    const some = results;
    results = [];
    if (some.length > 0) await checkpoint((trx) => writeHashes(trx, some));
  };
  const say = () =>
    progress({
      done: bytes,
      total: totals.bytes,
      unit: 'bytes',
      message: `${message}: ${files} of ${totals.files}`,
      facts: {
        files,
        total_files: totals.files,
        bytes_per_second: Math.round(bytes / Math.max(0.001, (performance.now() - began) / 1_000)),
        last: last?.toString() ?? null,
      },
    });
  const jobs = jobsOf(context.db, reading, totals);
  for await (const some of hashFiles(jobs, { threads, signal })) {
    for (const { job, result } of some) {
      files += 1;
      last = Buffer.from(job.path);
      bytes += part === 'whole' ? job.candidate.size : Math.min(job.candidate.size, 131_072);
      if (result.problem === undefined) results.push({ ...job.candidate, head: result.head, sha256: result.sha256 });
      else {
        unread.push(...job.candidate.ids);
        left.add(job.path, result.problem === 'changed' ? 'changing' : 'unreadable');
      }
    }
    if (results.length >= most.results) await write();
    say();
  }
  await write();
  return last?.toString();
}

async function* jobsOf(
  db: Kysely<DB>,
  { session, part, readable, paths }: Reading,
  totals: { files: number; bytes: number },
): AsyncGenerator<Job> {
  for (;;) {
    const candidates = await nextCandidates(session, most.candidates);
    if (candidates.length === 0) return;
    totals.files = candidates[0]?.total_files ?? 0;
    totals.bytes = candidates[0]?.total_bytes ?? 0;
    const unknown = [...new Set(candidates.map(({ directory_id }) => directory_id))].filter((id) => !paths.has(id));
    for (const { id, root_id, path } of await findPaths(db, unknown)) {
      const root = readable.paths.get(root_id);
      if (root) paths.set(id, path.length > 0 ? below(root, path) : root);
    }
    for (const candidate of candidates) {
      const directory = paths.get(candidate.directory_id);
      // Of a disk that is not there.
      if (!directory) continue;
      yield {
        path: below(directory, candidate.name),
        size: BigInt(candidate.size),
        mtime: BigInt(candidate.mtime_ns),
        ctime: BigInt(candidate.ctime_ns),
        inode: BigInt(candidate.inode),
        part,
        candidate,
      };
    }
  }
}
