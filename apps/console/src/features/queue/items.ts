import type { QueueItem } from '@at/contracts/queue';
import type { QueueAction } from '@at/contracts/queue-rule';
import type { QueueMeta } from '@at/contracts/queue-status';
import { type QueueStep, queueSteps } from '@at/contracts/vocabulary';
import type { StateWord } from '#runs/describe-run.ts';
import { remedyOf } from './remedies.ts';
import { queueTexts as texts } from './texts.ts';

const nameIn = (path: string) => path.slice(path.lastIndexOf('/') + 1) || path;

/** The name of its file, where it is now. */
export const fileOf = ({ new_path, file_path }: Pick<QueueItem, 'new_path' | 'file_path'>) =>
  nameIn(new_path ?? file_path);

/** Its code, or its file if it has none. */
export const nameOf = (item: QueueItem): string => item.movie_code?.trim() || fileOf(item);

export type StepMark = 'done' | 'failed' | 'current' | 'open';

/** What became of each step. */
export function stepMarks(item: QueueItem): Record<QueueStep, StepMark> {
  const done: Record<QueueStep, boolean> = {
    extract: item.movie_code !== null,
    metadata: item.metadata_json !== null,
    move: item.new_path !== null,
    publish: item.published_at !== null,
  };
  const next = queueSteps.find((step) => !done[step]);
  const markOf = (step: QueueStep): StepMark =>
    item.failed_step === step ? 'failed' : done[step] ? 'done' : item.is_active && step === next ? 'current' : 'open';
  return Object.fromEntries(queueSteps.map((step) => [step, markOf(step)])) as Record<QueueStep, StepMark>;
}

/** The word of state of an item, and what its status does not say. */
export function stateOf(item: QueueItem): { word: StateWord; detail?: string } {
  const { status, is_active, next_step, next_retry_at } = item;
  if (status === 'error') return { word: next_retry_at === null ? 'failed' : 'waiting' };
  if (status === 'completed') return { word: 'done' };
  if (status === 'processing' || status === 'emby_pending') return { word: 'running' };
  if (is_active) return { word: 'waiting' };
  if (status === 'moved') return { word: 'done', detail: texts.notPublished };
  return next_step === null ? { word: 'waiting' } : { word: 'held', detail: texts.notStarted };
}

/** The action that helps most in the item's state, or that its code is set; undefined: nobody has to act. */
export function likelyAction(item: QueueItem): QueueAction | 'code' | undefined {
  const { status, next_step, is_active } = item;
  if (status === 'error') return remedyOf(item).action;
  if (is_active || next_step === null) return undefined;
  const starts: Record<string, QueueAction> = {
    extract: 'extract-code',
    metadata: 'fetch-metadata',
    move: 'rename-file',
    publish: 'update-emby',
  };
  return starts[next_step];
}

/** Its page on the media server. */
export function serverLink({ emby_item_id }: QueueItem, meta: QueueMeta | undefined): string | undefined {
  if (emby_item_id === null || !meta?.emby_public_url || meta.emby_server_id === null) return undefined;
  if (!/^https?:\/\//.test(meta.emby_public_url)) return undefined;
  const place = new URLSearchParams({ id: emby_item_id, serverId: meta.emby_server_id });
  return `${meta.emby_public_url}/web/index.html#!/item?${place}`;
}
