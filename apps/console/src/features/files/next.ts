import type { DedupStatus, FileDashboard, FileStorage } from '@at/contracts/files';
import type { BatchStatus } from '@at/contracts/vocabulary';

/** The steps of the pipeline, in their order. */
export const steps = ['scan', 'batch', 'sync', 'sort', 'cleanup'] as const;
export type Step = (typeof steps)[number];

/** `folders`: a folder must be set up, or accepted; `failed`: a batch stopped; `wait`: something is in progress. */
export type Next = Step | 'folders' | 'failed' | 'wait';

/** States of folders that a person can change here, or must. */
export const needsPerson = ({ state }: FileStorage) => !['ready', 'unset'].includes(state);

type Batch = FileDashboard['recent_batches'][0];

const closed: readonly BatchStatus[] = ['SORTED', 'CLEANED'];

/** The batch that is on its way. */
export const currentBatch = ({ recent_batches }: Pick<FileDashboard, 'recent_batches'>): Batch | undefined =>
  recent_batches.findLast(({ status }) => !closed.includes(status));

export const batchAddress = (id: number) => `/files/batches/${id}`;

/** The one thing to do next. `uncleaned`: sorted batches that the cleanup leaves alone until the device is cleaned. */
export function nextStep(found: FileDashboard, scan: DedupStatus | undefined, uncleaned = 0): Next {
  const { files, batches, storage, has_device } = found;
  const inbox = storage.find(({ place }) => place === 'source');
  if (inbox?.state !== 'ready' || storage.some(needsPerson)) return 'folders';
  if (scan?.running) return 'wait';
  if (scan?.error) return 'scan';
  const batch = currentBatch(found);
  if (batch) {
    const { status } = batch;
    if (status === 'ERROR') return 'failed';
    if (status === 'PENDING') return has_device ? 'sync' : 'sort';
    return status === 'SYNCED' ? 'sort' : 'wait';
  }
  if (batches.by_status.SORTED > uncleaned) return 'cleanup';
  // What was found goes on before more is found.
  if (files.by_status.UNIQUE > files.refused.files) return 'batch';
  return 'scan';
}
