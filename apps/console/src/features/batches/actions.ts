import { type BatchCreated, confirmDeviceCleaned, createBatch, undoBatch } from '@at/contracts/batches';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { write } from '#live/write.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { batchesTexts as texts } from './texts.ts';

/** What the next batch would be. */
export const previewBatch = async (signal: AbortSignal): Promise<BatchCreated> =>
  (await call(createBatch, { body: { dry_run: true }, signal })).data;

/** Makes the next batch. Returns its id; null: there is none, or not yet, which a message says. */
export async function makeBatch(): Promise<number | null> {
  const made = await write('files', texts.create.failed, async () => {
    const { data } = await call(createBatch, { body: {}, idempotencyKey: nextWriteId() });
    if (data.created || data.reason === null) notify(data.created ? data.message : texts.create.started);
    else notifyError(texts.create.nothing, new Error(data.message));
    return data.batch_id;
  });
  return made ?? null;
}

/** Takes a batch back. */
export async function undo(id: number): Promise<void> {
  await write('files', texts.undo.failed, async () =>
    notify((await call(undoBatch, { params: { id: `${id}` }, body: {}, idempotencyKey: nextWriteId() })).data.message),
  );
}

/** Says that the device was cleaned of a batch. */
export async function sayCleaned(id: number): Promise<void> {
  const params = { id: `${id}` };
  await write('files', texts.deviceCleaned.failed, () =>
    call(confirmDeviceCleaned, { params, body: {}, idempotencyKey: nextWriteId() }),
  );
}
