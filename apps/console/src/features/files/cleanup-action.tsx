import { cleanUpFiles, type FilesCleaned } from '@at/contracts/moves';
import { useState } from 'react';
import { call } from '#api/call.ts';
import { useRefusal } from '#api/session.ts';
import { nextWriteId } from '#api/write-id.ts';
import { Confirm } from '#live/confirm.tsx';
import { write } from '#live/write.ts';
import { formatInteger } from '#ui/format.ts';
import { notify } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { cleanupTexts as texts } from './pipeline-texts.ts';
import type { StepProps } from './steps.tsx';

const run = (dry_run: boolean) =>
  write(
    'files',
    texts.failed,
    async () => (await call(cleanUpFiles, { body: { dry_run }, idempotencyKey: nextWriteId() })).data,
  );

async function cleanUp(): Promise<void> {
  const done = await run(false);
  if (done) notify(done.message);
}

/** Says what a cleanup would remove, then does it. */
export function CleanupAction({ isNext }: StepProps) {
  const refusal = useRefusal(cleanUpFiles.config.role) ?? undefined;
  const [isLooking, setLooking] = useState(false);
  const [found, setFound] = useState<FilesCleaned>();
  const look = async () => {
    setLooking(true);
    const preview = await run(true);
    setLooking(false);
    if (!preview) return;
    const { removed_batch_dirs, deleted_temp_files, purged_files, left_alone } = preview;
    const forgotten = preview.forgotten_batches + preview.forgotten_files;
    // Also where the preview takes longer than a request may: its message says so.
    if (removed_batch_dirs + deleted_temp_files + purged_files + forgotten + left_alone.length === 0)
      notify(preview.message);
    else setFound(preview);
  };
  return (
    <>
      <ReasonButton
        size="compact-sm"
        {...(isNext && { variant: 'filled' })}
        reason={refusal ?? (isLooking ? texts.looking : undefined)}
        onClick={() => void look()}
      >
        {texts.start}
      </ReasonButton>
      {found && (
        <Confirm
          title={texts.title}
          text={[
            texts.found(
              formatInteger(found.removed_batch_dirs),
              formatInteger(found.deleted_temp_files),
              formatInteger(found.purged_files),
            ),
            ...(found.forgotten_batches + found.forgotten_files > 0
              ? [texts.forgets(formatInteger(found.forgotten_batches), formatInteger(found.forgotten_files))]
              : []),
            ...(found.left_alone.length > 0 ? [texts.leaves(formatInteger(found.left_alone.length))] : []),
          ].join(' ')}
          verb={texts.start}
          onClose={() => setFound(undefined)}
          onConfirm={() => void cleanUp()}
        />
      )}
    </>
  );
}
