import type { QueueItem } from '@at/contracts/queue';
import {
  deleteQueueFile,
  deleteQueueItem,
  extractQueueCode,
  fetchQueueMetadata,
  fullRetryQueueItem,
  renameQueueFile,
  reprocessQueueItem,
  retryQueueItem,
  updateQueueServer,
} from '@at/contracts/queue-actions';
import { type QueueAction, queueActionRefusal } from '@at/contracts/queue-rule';
import { useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { nextWriteId } from '#api/write-id.ts';
import { invalidate } from '#live/invalidations.ts';
import { createPreference } from '#state/preferences.ts';
import { createStore, isBoolean } from '#state/store.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { nameOf } from './items.ts';
import { queueSteps } from './queries.ts';
import { queueTexts as texts } from './texts.ts';

/** Whether requests for metadata bypass the provider's cache. */
export const fresh = createPreference('queue-fresh', false, isBoolean);

/** Items whose action has no reply yet. */
export const writing = createStore<ReadonlySet<number>>(new Set());

/** The run of the latest action on each item, until it has ended. */
export const asked = createStore<ReadonlyMap<number, Asked>>(new Map());

/** `wasFailed`: it had failed before; `count` tells two actions with one run apart. */
export type Asked = { run: string; wasFailed: boolean; count: number };
let count = 0;

/** What came of the latest action on each item. */
export const answers = createStore<ReadonlyMap<number, Came>>(new Map());

export type Came = { text: string; hasFailedAgain: boolean };

const without = <Value>(map: ReadonlyMap<number, Value>, id: number) => {
  const rest = new Map(map);
  rest.delete(id);
  return rest;
};

/** From now on the person who asked waits for this run. */
function awaitAnswer(id: number, run: string, wasFailed: boolean): void {
  count += 1;
  const next = { run, wasFailed, count };
  answers.set((before) => without(before, id));
  asked.set((before) => new Map(before).set(id, next));
}

/** The run that was waited for has ended. */
export function answer(id: number, came: Came | undefined): void {
  asked.set((before) => without(before, id));
  if (came !== undefined) answers.set((before) => new Map(before).set(id, came));
}

/** An action that asks first. */
export const pendingAction = createStore<{ action: 'delete' | 'delete-file'; item: QueueItem } | null>(null);

const endpoints = {
  retry: retryQueueItem,
  'reprocess-metadata': reprocessQueueItem,
  'extract-code': extractQueueCode,
  'fetch-metadata': fetchQueueMetadata,
  'rename-file': renameQueueFile,
  'update-emby': updateQueueServer,
  'full-retry': fullRetryQueueItem,
  delete: deleteQueueItem,
  'delete-file': deleteQueueFile,
} as const satisfies Record<QueueAction, unknown>;

/** Actions that fetch metadata, which the provider may have kept. */
const fetches: ReadonlySet<QueueAction> = new Set(['reprocess-metadata', 'fetch-metadata', 'full-retry']);

/** Everything that is shown of the queue, without waiting for an event. */
export function invalidateQueue(): void {
  invalidate('queue');
  invalidate('queue-stats');
}

/** Carries out an action, with a message of what came of it. `code`: the one to set; null: undoes the one that was set. Returns whether it was accepted. */
export async function run(action: QueueAction, item: QueueItem, code?: string | null): Promise<boolean> {
  const { id } = item;
  writing.set((before) => new Set([...before, id]));
  const endpoint = endpoints[action] as typeof fetchQueueMetadata;
  const body = code !== undefined ? { movie_code: code } : fetches.has(action) && fresh.get() ? { fresh: true } : {};
  try {
    const isDelete = endpoint.method !== ('POST' as string);
    const params = { params: { id }, idempotencyKey: nextWriteId() };
    const { data } = await call(endpoint, isDelete ? params : { ...params, body });
    if (!isDelete) awaitAnswer(id, data.run_id, item.status === 'error');
    else
      notify(
        texts.done[action as 'delete' | 'delete-file'](isolate(nameOf(item))),
        () => void bringBack(id, nameOf(item)),
      );
    return true;
  } catch (error) {
    const name = code === undefined ? texts.actions[action] : code === null ? texts.takeBackCode : texts.setCode;
    notifyError(texts.notDone(name, isolate(nameOf(item))), error);
    return false;
  } finally {
    writing.set((before) => new Set([...before].filter((other) => other !== id)));
    invalidateQueue();
  }
}

/** Undoes the removal of an item. */
export async function bringBack(id: number, name: string): Promise<void> {
  try {
    const { restoreItem } = await import('#activity-log/restore-item.ts');
    const run = await restoreItem(id, name);
    if (run) awaitAnswer(id, run, false);
  } catch (error) {
    notifyError(texts.notDone(texts.removed.undo, isolate(name)), error);
  }
  invalidateQueue();
}

/** Retries an item of which only the id is known. */
export async function retryOne(id: number): Promise<void> {
  try {
    const { data } = await call(retryQueueItem, { params: { id }, body: {}, idempotencyKey: nextWriteId() });
    awaitAnswer(id, data.run_id, true);
  } catch (error) {
    notifyError(texts.notDone(texts.actions.retry, `${id}`), error);
  } finally {
    invalidateQueue();
  }
}

/** Carries out an action; one that cannot be undone asks first. */
export function act(action: QueueAction, item: QueueItem): void {
  if (action === 'delete' || action === 'delete-file') pendingAction.set({ action, item });
  else void run(action, item);
}

/** Why an action is not possible for an item: the user's role, the item's state or a setting; undefined: it is. */
export function useRefusals(): (action: QueueAction, item: QueueItem) => string | undefined {
  const steps = useQuery(queueSteps, queryClient).data?.steps ?? [];
  const operator = useRefusal(retryQueueItem.config.role);
  const admin = useRefusal(deleteQueueItem.config.role);
  return (action, item) =>
    (action === 'delete' || action === 'delete-file' ? admin : operator) ??
    queueActionRefusal(item, action, steps) ??
    undefined;
}
