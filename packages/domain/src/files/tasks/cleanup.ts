import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { cleanBatches } from '../../batches/clean.ts';
import { purgeQuarantine } from '../../moves/quarantine.ts';
import { removeTemporaryFiles } from '../../moves/temporary.ts';
import { readPipelineConfig } from '../../pipeline-config/queries.ts';
import { findRoots } from '../queries.ts';
import { forgetCleaned, forgetMissing } from '../retention.ts';

const Days = Type.Optional(Type.Integer({ minimum: 0 }));
/** Days: by default as the configuration says when the run begins; 0: never. */
const Parameters = Type.Object({
  temp_days: Days,
  quarantine_days: Days,
  cleaned_days: Days,
  missing_days: Days,
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
  forgotten_batches: number;
  forgotten_files: number;
  left_alone: { path: string; reason: string }[];
  left_alone_count: number;
};

/** Removes what the pipeline itself has made and does not need any more, and what has passed its retention. */
export const cleanUpFiles = defineTask<unknown, typeof Parameters>({
  name: 'files.cleanup',
  title: 'Remove directories of sorted batches, temporary files, and what has passed its retention',
  queue: 'disk',
  params: Parameters,
  exclusive: 'join',
  // What has passed its retention is gone for good.
  role: ({ quarantine_days, cleaned_days, missing_days }) =>
    [quarantine_days, cleaned_days, missing_days].every((days) => days === 0) ? 'operator' : 'admin',
  isDue: async (db) => (await findRoots(db)).length > 0,
  async run({ dry_run = false, ...days }, context) {
    const { cleanup } = await readPipelineConfig(context.db);
    const temporary = await removeTemporaryFiles(context, { days: days.temp_days ?? cleanup.temp_days, dry_run });
    const of = (name: keyof typeof cleanup.retention) => ({ days: days[name] ?? cleanup.retention[name], dry_run });
    const quarantine = await purgeQuarantine(context, of('quarantine_days'));
    const batches = await cleanBatches(context, { dry_run });
    const forgotten_batches = await forgetCleaned(context.db, of('cleaned_days'));
    const forgotten_files = await forgetMissing(context, of('missing_days'));
    const left = [...batches.left, ...temporary.left, ...quarantine.left];
    for (const { path, reason } of left) context.log.warn({ file: path }, `${path} is left alone. ${reason}`);
    const output: FilesCleaned = {
      removed_batch_dirs: batches.removed,
      deleted_temp_files: temporary.removed,
      purged_files: quarantine.purged,
      forgotten_batches,
      forgotten_files,
      left_alone: left.slice(0, mostNamed),
      left_alone_count: left.length,
    };
    await context.finish(output);
  },
});
