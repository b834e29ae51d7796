import type { QueueItem } from './queue.ts';
import type { QueueStepSettings } from './queue-status.ts';
import type { QueueStep } from './vocabulary.ts';

/** What a person can do with one item; the names are those of the paths, except for the last two. */
export type QueueAction =
  | 'retry'
  | 'reprocess-metadata'
  | 'extract-code'
  | 'fetch-metadata'
  | 'rename-file'
  | 'update-emby'
  | 'full-retry'
  | 'delete'
  | 'delete-file';

/** The steps that an action starts, in their order; a retry continues the run that failed. */
export function stepsOfQueueAction(action: QueueAction): readonly QueueStep[] {
  switch (action) {
    case 'extract-code':
      return ['extract'];
    case 'fetch-metadata':
      return ['metadata'];
    case 'rename-file':
      return ['move'];
    case 'update-emby':
      return ['publish'];
    case 'reprocess-metadata':
      return ['metadata', 'publish'];
    case 'full-retry':
      return ['extract', 'metadata', 'move', 'publish'];
    default:
      return [];
  }
}

/** The facts of an item that its steps need. */
export type QueueFacts = { movie_code: string | null; metadata_json: unknown; new_path: string | null };

/** What a step needs of the item and does not find, as the code of its failure; null: nothing. `before`: steps of the same run before it. */
export function lackOfQueueStep(
  step: QueueStep,
  { movie_code, metadata_json, new_path }: QueueFacts,
  before: readonly QueueStep[] = [],
): 'code_missing' | 'metadata_missing' | 'not_in_library' | null {
  if (step !== 'extract' && movie_code === null && !before.includes('extract')) return 'code_missing';
  const needsMetadata = step === 'move' || step === 'publish';
  if (needsMetadata && metadata_json === null && !before.includes('metadata')) return 'metadata_missing';
  return step === 'publish' && new_path === null && !before.includes('move') ? 'not_in_library' : null;
}

/** What is lacking, and how it is got, as a sentence. */
export function queueLackText(lack: NonNullable<ReturnType<typeof lackOfQueueStep>>): string {
  switch (lack) {
    case 'code_missing':
      return 'The item has no code. Read the code first (extract-code), or set it by hand.';
    case 'metadata_missing':
      return 'The item has no metadata. Fetch metadata first (fetch-metadata).';
    case 'not_in_library':
      return 'The file is not in the library. Rename and move it first (rename-file).';
  }
}

type Judged = Pick<QueueItem, 'status' | 'failed_step' | 'is_active' | 'has_move' | 'next_retry_at'> & QueueFacts;

/** A status in the words of the screen, with that of the wire. */
export function queueStatusWords(status: string): string {
  const words: Record<string, string> = {
    pending: 'is waiting',
    processing: 'is being processed',
    moved: 'was moved, and is not published',
    emby_pending: 'is being published',
    completed: 'is done',
    error: 'has failed',
  };
  return `${words[status] ?? 'has another status'} (${status})`;
}

/** Why only a failed item is retried. */
export function notFailed(status: string): string {
  return `Only an item that has failed can be retried. This one ${queueStatusWords(status)}.`;
}

/** Why only a completed item is processed again. */
export function notCompleted(status: string): string {
  return `Only a completed item can be refreshed and published again. This one ${queueStatusWords(status)}.`;
}

/** Why nothing else starts while a run works on an item. */
export function isProcessed(): string {
  return 'The item is being processed. Wait for the end of its run, or cancel it.';
}

/** Whether the run of an item waits for its next attempt: another action ends that run, and begins at once. */
export function waitsForAttempt({ is_active, next_retry_at }: Pick<QueueItem, 'is_active' | 'next_retry_at'>): boolean {
  return is_active && next_retry_at !== null;
}

/**
 * Why an item does not allow an action, as a sentence; null: it does. The API refuses with it and the screen disables by it.
 * `settings` are what `GET /api/queue/steps` says each step lacks.
 */
export function queueActionRefusal(
  item: Judged,
  action: QueueAction,
  settings: readonly QueueStepSettings[],
): string | null {
  const { status, is_active } = item;
  if (action === 'retry') {
    if (status !== 'error') return notFailed(status);
    // A retry begins the next attempt of a run that waits for it.
    if (is_active && !waitsForAttempt(item)) return isProcessed();
    if (!is_active && item.failed_step === 'remove_file') return removalEnded();
    return lacking(
      settings.flatMap(({ step }) => (step === item.failed_step ? [step] : [])),
      settings,
    );
  }
  if (is_active && !waitsForAttempt(item)) return isProcessed();
  if (action === 'delete' && item.has_move) return moveInterrupted();
  if (action === 'reprocess-metadata' && status !== 'completed') return notCompleted(status);
  const steps = stepsOfQueueAction(action);
  for (const [i, step] of steps.entries()) {
    const lack = lackOfQueueStep(step, item, steps.slice(0, i));
    if (lack !== null) return queueLackText(lack);
  }
  if (action === 'delete-file') return lacking(['move'], settings);
  // Without a media server an item rests once its file is in the library.
  return lacking(action === 'full-retry' ? steps.filter((step) => step !== 'publish') : steps, settings);
}

/** Why a removal is not retried: that would need its role. A function, as everything here: browsers get this file without constants. */
export function removalEnded(): string {
  return 'The removal of its file has ended. Remove the file again, or process the item.';
}

/** Why an item is not brought back. */
export function notRemoved(): string {
  return 'The item is in the queue.';
}

/** Why a removed item does not come back. */
export function restoreRefused(): string {
  return 'Another item of the queue has its place by now. Remove that one first.';
}

/** Why the row of an item stays: a move that has begun is written there. */
export function moveInterrupted(): string {
  return 'A move of the file was interrupted. Retry it, or remove the item with its file.';
}

/** Why steps cannot be done for lack of settings; null: they can. */
function lacking(steps: readonly QueueStep[], settings: readonly QueueStepSettings[]): string | null {
  const missing = new Set(settings.flatMap(({ step, missing: names }) => (steps.includes(step) ? names : [])));
  return missing.size === 0 ? null : `Not configured: set ${[...missing].join(', ')}.`;
}
