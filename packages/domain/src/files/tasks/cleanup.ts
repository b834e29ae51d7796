import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { cleanBatches } from '../../batches/clean.ts';
import { purgeQuarantine } from '../../moves/quarantine.ts';
import { removeTemporaryFiles } from '../../moves/temporary.ts';
import { readPipelineConfig } from '../../pipeline-config/queries.ts';
import { findRoots } from '../queries.ts';

const Days = Type.Optional(Type.Integer({ minimum: 0 }));
/** Days: by default as the configuration says when the run begins; 0: never. */
const Parameters = Type.Object({
  temp_days: Days,
  quarantine_days: Days,
  /** Only counts. */
  dry_run: Type.Optional(Type.Boolean()),
});

/** Entries that the output names. */
const mostNamed = 200;

/** What it has removed. */
export type FilesCleaned = {
  removed_batch_dirs: number;
  deleted_temp_files: number;
  purged_files: number;
  left_alone: { path: string; reason: string }[];
  left_alone_count: number;
};

/** Removes what the pipeline itself has made and does not need any more, and what was in the quarantine for long enough. */
export const cleanUpFiles = defineTask<unknown, typeof Parameters>({
  name: 'files.cleanup',
  title: 'Remove directories of sorted batches, temporary files, and what was in quarantine for long enough',
  queue: 'disk',
  params: Parameters,
  exclusive: 'join',
  // What is purged is gone for good.
  role: ({ quarantine_days }) => (quarantine_days === 0 ? 'operator' : 'admin'),
  isDue: async (db) => (await findRoots(db)).length > 0,
  async run({ dry_run = false, ...days }, context) {
    const { cleanup } = await readPipelineConfig(context.db);
    const temporary = await removeTemporaryFiles(context, { days: days.temp_days ?? cleanup.temp_days, dry_run });
    const quarantine_days = days.quarantine_days ?? cleanup.retention.quarantine_days;
    const quarantine = await purgeQuarantine(context, { days: quarantine_days, dry_run });
    const batches = await cleanBatches(context, { dry_run });
    const left = [...batches.left, ...temporary.left, ...quarantine.left];
    for (const { path, reason } of left) context.log.warn({ file: path }, `${path} is left alone. ${reason}`);
    const output: FilesCleaned = {
      removed_batch_dirs: batches.removed,
      deleted_temp_files: temporary.removed,
      purged_files: quarantine.purged,
      left_alone: left.slice(0, mostNamed),
      left_alone_count: left.length,
    };
    await context.finish(output);
  },
});
