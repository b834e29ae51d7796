import type { Batch } from '@at/contracts/batches';
import { Status, type Tone } from '#ui/status.tsx';
import { batchesTexts as texts } from './texts.ts';

const tones: Partial<Record<Batch['status'], Tone>> = { ERROR: 'bad', SYNCED: 'good', SORTED: 'good' };

/** The status of a batch in words. */
export function BatchMark({ batch: { status, is_ready, is_undone } }: { batch: Batch }) {
  if (is_undone) return <Status tone="neutral">{texts.undone}</Status>;
  if (!is_ready && status !== 'CLEANED') return <Status tone="neutral">{texts.moving}</Status>;
  return <Status tone={tones[status] ?? 'neutral'}>{texts.statuses[status]}</Status>;
}
