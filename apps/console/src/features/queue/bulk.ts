import type { BodyOf } from '@at/contracts/endpoint';
import { cleanUpQueue, refreshQueueItems, retryQueueItems } from '@at/contracts/queue-bulk';
import { useLocation, useNavigate } from 'react-router';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { runAddress } from '#runs/run-address.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { bulkTexts as texts } from './bulk.texts.ts';
import { fresh, invalidateQueue } from './item-changes.ts';

type Selected = NonNullable<BodyOf<typeof retryQueueItems>>;

/**
 * Changes of many items. Each is a run, which opens beside the page: its progress, and what became of each item. They return
 * whether the run was accepted.
 */
export function useBulk() {
  const navigate = useNavigate();
  const { search } = useLocation();
  async function start(request: () => Promise<{ data: { run_id: string | null; message: string } }>): Promise<boolean> {
    try {
      const { data } = await request();
      if (data.run_id === null) {
        notify(data.message);
        return true;
      }
      await navigate(runAddress(search, data.run_id), { state: { fromList: true }, preventScrollReset: true });
      return true;
    } catch (error) {
      notifyError(texts.notStarted, error);
      return false;
    } finally {
      invalidateQueue();
    }
  }
  return {
    retryMany: (selected: Selected) =>
      start(() => call(retryQueueItems, { body: selected, idempotencyKey: nextWriteId() })),
    /** Also publishes those that are in the library. */
    refreshMany: (selected: Selected) =>
      start(() =>
        call(refreshQueueItems, {
          body: { ...selected, update_emby: true, ...(fresh.get() && { fresh: true }) },
          idempotencyKey: nextWriteId(),
        }),
      ),
    cleanUp: (older_than_days: number) =>
      start(() => call(cleanUpQueue, { body: { older_than_days }, idempotencyKey: nextWriteId() })),
  };
}

/** How many items a cleanup would remove. */
export const countCleanup = async (older_than_days: number, signal: AbortSignal) =>
  (await call(cleanUpQueue, { body: { older_than_days, dry_run: true }, signal })).data.deleted_count;
