import { Link } from 'react-router';
import { BatchSync } from '#files/batch-sync.tsx';
import { Aside } from '#ui/aside.tsx';
import { currentBatch } from './next.ts';
import type { StepProps } from './steps.tsx';
import { filesTexts } from './texts.ts';

const texts = filesTexts.sync;

/** The sync of the batch that is on its way. */
export function SyncAction({ found, isNext }: StepProps) {
  const batch = currentBatch(found);
  if (batch && (found.has_device || batch.status === 'SYNCING')) return <BatchSync batch={batch.id} isNext={isNext} />;
  return (
    <>
      <Aside>{found.has_device ? texts.noBatch : texts.noDevice}</Aside>
      {!found.has_device && <Link to="/files/config?tab=sync">{texts.connect}</Link>}
    </>
  );
}
