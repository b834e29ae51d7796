import { getQueueRemoval, type QueueRemoval, restoreQueueItem } from '@at/contracts/queue-removals';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';

const texts = {
  isBack: (name: string) => `${name} is back in the queue`,
  isComingBack: (name: string) => `${name} is back in the queue, and its file is being moved back`,
  notBack: (name: string) => `${name}: not brought back`,
};

/** Brings an item back that was removed from the queue. Returns the run that moves its file back; null: none has to, undefined: refused. */
export async function restoreItem(id: number, name: string): Promise<string | null | undefined> {
  try {
    const { data } = await call(restoreQueueItem, { params: { id }, body: {}, idempotencyKey: nextWriteId() });
    notify((data.run_id === null ? texts.isBack : texts.isComingBack)(isolate(name)));
    return data.run_id;
  } catch (error) {
    notifyError(texts.notBack(isolate(name)), error);
    return undefined;
  }
}

/** The removal of an item. Throws the problem of the API if there is none that can be undone. */
export const findRemoval = async (id: number, signal: AbortSignal): Promise<{ data: QueueRemoval }> =>
  call(getQueueRemoval, { params: { id }, signal });
