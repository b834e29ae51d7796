import type { BatchCreated, BatchDetails } from '@at/contracts/batches';
import { batchFileStates, batchSkipReasons } from '@at/contracts/vocabulary';
import { lackText } from '@at/domain/batches/lack';
import { type BatchOutput, nothing } from '@at/domain/batches/make';
import { allowedStates, deviceCleanedRefusal, undoRefusal } from '@at/domain/batches/rules';
import { manifestName } from '@at/domain/batches/selection';
import { stagingName } from '@at/domain/batches/writes';
import type { Found } from './queries.ts';

/** Each word with its count. */
const countedBy = <W extends string>(words: readonly W[], counts: Partial<Record<W, number>>) =>
  Object.fromEntries(words.map((word) => [word, counts[word] ?? 0])) as Record<W, number>;

type Reported = Partial<BatchOutput> & { run_id: string | null; dry_run: boolean };

/** The reply about a batch that was made, or would be, or why there is none. */
export function createdReply(
  { run_id, dry_run, ...reported }: Reported,
  batch?: { manifest_path: string; created_at: string; files: string[] } | { files: string[] },
): BatchCreated {
  const { created, blocking_batch, skips, ...output } = { ...nothing, ...reported };
  const { reason, batch_name, file_count } = output;
  const of = `${file_count} ${file_count === 1 ? 'file' : 'files'}`;
  const made = dry_run ? `The next batch would be ${batch_name} with ${of}.` : `${batch_name} has ${of}.`;
  const known = created || dry_run ? made : 'The files are being moved.';
  return {
    created,
    dry_run,
    message: reason === null ? known : lackText(reason, blocking_batch),
    run_id,
    manifest_path: null,
    created_at: null,
    files: [],
    ...output,
    ...batch,
    blocking_batch: blocking_batch?.name ?? null,
    blocking_batch_id: blocking_batch?.id ?? null,
    blocking_status: blocking_batch?.status ?? null,
    blocking_reason: blocking_batch?.reason ?? null,
    skipped_groups: countedBy(batchSkipReasons, skips),
  } as BatchCreated;
}

export const detailsOf = (
  { root, is_staged, failed_in, has_files, ...batch }: Found,
  hasDevice: boolean,
): BatchDetails => {
  const path = [root.toString(), ...(is_staged ? [stagingName] : []), batch.name].join('/');
  return {
    ...batch,
    path,
    files_by_state: countedBy(batchFileStates, batch.files_by_state),
    manifest_path: `${path}/${manifestName}`,
    allowed: [...allowedStates({ ...batch, failed_in }, hasDevice)],
    undo_refusal: undoRefusal(batch),
    device_cleaned_refusal: deviceCleanedRefusal({ ...batch, has_files }),
  };
};
