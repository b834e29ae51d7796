import { BatchSort } from '#files/batch-sort.tsx';
import { Aside } from '#ui/aside.tsx';
import { currentBatch } from './next.ts';
import type { StepProps } from './steps.tsx';
import { filesTexts } from './texts.ts';

/** The sorting of the batch that is on its way. */
export function SortAction({ found, isNext }: StepProps) {
  const batch = currentBatch(found);
  return batch ? <BatchSort batch={batch.id} isNext={isNext} /> : <Aside>{filesTexts.nothingToSort}</Aside>;
}
