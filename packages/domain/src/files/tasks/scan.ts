import { StringEnum } from '@at/contracts/paging';
import { keepWords, scanLimits } from '@at/contracts/scan-rules';
import type { DB } from '@at/db/schema';
import { defineTask, type TaskContext } from '@at/runs/task';
import type { Kysely } from 'kysely';
import { type Static, Type } from 'typebox';
import { examineFiles } from '../../capture/capture.ts';
import { decideDuplicates } from '../../duplicates/decide.ts';
import { endEarlierMoves, moveDuplicates, nothingMoved, whyUnusable } from '../../duplicates/move.ts';
import { returnStranded } from '../../duplicates/returns.ts';
import { countFiles, renewStatistics } from '../queries.ts';
import { findReadableRoots, readFiles } from '../read.ts';
import { whileLocked, withRoots } from '../roots.ts';
import { whileUsable } from '../usable.ts';
import { LeftOut, walkRoot } from '../walk.ts';
import { setScanned, writeUnique } from '../writes.ts';

const Parameters = Type.Object({
  root: Type.Integer(),
  /** Go on although more than half of the files are gone. */
  accept_missing: Type.Optional(Type.Boolean()),
  /** Patterns for names, with `*` and `?`. */
  ignored: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: scanLimits.patternLength }), { maxItems: scanLimits.patterns }),
  ),
  keep: Type.Optional(StringEnum(keepWords)),
  /** Folders below the root. */
  preferred: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), { maxItems: scanLimits.patterns }),
  ),
  threads: Type.Optional(Type.Integer({ minimum: 1, maximum: scanLimits.threads })),
  /** The time zone of files that name none. */
  timezone: Type.Optional(Type.String({ maxLength: 100 })),
  /** Whether the time of a file counts if nothing else says when it was taken. */
  exif_fallback: Type.Optional(Type.Boolean()),
  /** The root that duplicates are moved to; null: they are to be moved, and there is none. Absent: they stay. */
  duplicates_root: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
});

/** Files of one transaction. */
const slice = 5_000;
/** New files after which the statistics of the database may be out of date. */
const many = 1_000;

/** Finds the files of a root, and which of them have the same content. A repeated run keeps what earlier ones have found. */
export const scan = defineTask<unknown, typeof Parameters>({
  name: 'files.scan',
  title: 'Find files and duplicates',
  queue: 'long',
  params: Parameters,
  timeout: 20 * 3_600,
  exclusive: 'join',
  run: (params, context) =>
    whileUsable(context, () =>
      whileLocked(context.db, [params.root], 'scan', (session) => scanRoot(context, session, params)),
    ),
});

async function scanRoot(
  context: TaskContext<unknown>,
  session: Kysely<DB>,
  {
    root,
    accept_missing = false,
    ignored = [],
    keep = 'path',
    preferred = [],
    threads = 4,
    timezone = 'UTC',
    exif_fallback = true,
    duplicates_root: to,
  }: Static<typeof Parameters>,
): Promise<void> {
  const { db, checkpoint, signal, finish, progress } = context;
  const left = new LeftOut();
  const why = to === undefined ? undefined : await whyUnusable(db, { root, to });
  if (why !== undefined) context.log.warn(why);
  const target = why === undefined ? to : undefined;
  if (target != null) await endEarlierMoves(context, { root, to: target });
  const walked = await withRoots(db, [root], (held) => walkRoot(context, held, { ignored, accept_missing }, left));
  if (walked.fresh >= many) await renewStatistics(db);
  await returnStranded(context, root);
  const readable = await findReadableRoots(db);
  const { unread, last } = await readFiles(context, session, { root, threads, readable }, left);
  // The statistics do not have the hashes yet.
  if (walked.fresh >= many) await renewStatistics(db);

  let duplicates = 0;
  let saving = 0;
  for (let after: number | null = 0; after !== null; ) {
    signal.throwIfAborted();
    const from: number = after;
    const { devices } = readable;
    const done = await checkpoint((trx) =>
      decideDuplicates(trx, { root, after: from, rule: { keep, preferred }, devices, count: slice }),
    );
    duplicates += done.duplicates;
    saving += done.bytes;
    after = done.last;
    progress({ done: duplicates, unit: 'files', message: 'Finding duplicates', facts: { duplicates, last } });
  }
  let unique = 0;
  for (let after: number | null = 0; after !== null; ) {
    signal.throwIfAborted();
    const from: number = after;
    const done = await checkpoint((trx) => writeUnique(trx, { root, after: from, unread, count: slice }));
    unique += done.unique;
    after = done.last;
  }
  const later: typeof context = {
    ...context,
    progress: (reached) => progress({ ...reached, facts: { duplicates, last, ...reached.facts } }),
  };
  const { examined } = await examineFiles(later, { root }, { timezone, fallback: exif_fallback });
  const moved = target == null ? undefined : await moveDuplicates(later, { root, to: target, threads, readable });
  const states = await countFiles(db, root);
  await finish(async (trx) => {
    await setScanned(trx, root);
    return {
      ...walked,
      duplicates,
      duplicate_bytes: saving,
      unique,
      examined,
      last,
      left_out: left.counts,
      left_out_files: left.named,
      ...(to !== undefined && { moved_duplicates: moved ?? { ...nothingMoved, problem: why ?? '' } }),
      states: Object.fromEntries(states.map(({ status, files }) => [status, files])),
    };
  });
}
