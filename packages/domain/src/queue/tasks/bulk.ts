import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueSystems } from '@at/adapters/queue-systems';
import { mostNamedFailures, type QueueBulkResult } from '@at/contracts/queue-bulk';
import type { QueueStep } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { NotConfigured, RunRefused } from '@at/runs/states';
import { defineTask, type Json, type TaskContext } from '@at/runs/task';
import type { Transaction } from 'kysely';
import { type Static, Type } from 'typebox';
import { findCode, findEndedRuns, findItem } from '../queries.ts';
import { ItemNotFound, ItemRefused, retryItem, startItem } from '../starts.ts';

// Each item is a run of its own. The run of the many starts them a few at a time, each few in a transaction with its place in the
// list, so that no row is locked for long, and an attempt that follows a lost worker goes on at that place.

const By = Type.Object({ name: Type.String(), verified: Type.Boolean() });
const Retry = Type.Object({ items: Type.Array(Type.Integer()), by: By });
const Refresh = Type.Object({
  ...Retry.properties,
  fresh: Type.Boolean(),
  update_emby: Type.Boolean(),
});

/** Items whose runs one transaction starts, so that it stays far below two seconds. */
const few = 25;
/** Unfinished runs at once: other items are not to wait behind thousands. */
const window = 100;
/** Milliseconds that an attempt looks after its runs, and between two looks; then it leaves its place to others for some seconds. */
const times = { attempt: 10_000, look: 250, pause: 5 };

type Context = TaskContext<{ queue: QueueSystems }>;
type Kept = QueueBulkResult & { next: number; open: { item: number; run: string }[] };

const begun = (items: number[], kept: Json): Kept =>
  (kept as Kept | null) ?? { total: items.length, updated: 0, failed: 0, failed_items: [], next: 0, open: [] };

const resultOf = ({ total, updated, failed, failed_items }: Kept): QueueBulkResult => ({
  total,
  updated,
  failed,
  failed_items,
});

/** Why an item could not be started, as a sentence. Throws what is no refusal. */
function reasonOf(error: unknown): string {
  if (error instanceof NotConfigured) return `Not configured: set ${error.missing.join(', ')}.`;
  if (error instanceof ItemNotFound || error instanceof ItemRefused || error instanceof RunRefused)
    return error.message;
  throw error;
}

async function addFailure(trx: Transaction<DB>, state: Kept, id: number, error: string): Promise<void> {
  state.failed += 1;
  if (state.failed_items.length >= mostNamedFailures) return;
  state.failed_items.push({ id, movie_code: await findCode(trx, id), error });
}

/** Starts the next few. Returns the state with them. */
async function startFew(
  trx: Transaction<DB>,
  items: number[],
  former: Kept,
  { most, start }: { most: number; start: (item: number) => Promise<string | undefined> },
): Promise<Kept> {
  const state = structuredClone(former);
  for (const item of items.slice(state.next, state.next + most)) {
    state.next += 1;
    try {
      const run = await start(item);
      if (run === undefined) state.updated += 1;
      else state.open.push({ item, run });
    } catch (error) {
      await addFailure(trx, state, item, reasonOf(error));
    }
  }
  return state;
}

/** Takes the runs from the open ones that have ended, or of which an attempt has failed: that one goes on by itself. */
async function settle(trx: Transaction<DB>, state: Kept): Promise<void> {
  if (state.open.length === 0) return;
  const rows = await findEndedRuns(trx, state.open);
  const ended = new Set(rows.map(({ run }) => run));
  state.open = state.open.filter(({ run }) => !ended.has(run));
  for (const { item, error } of rows) {
    if (error === null) state.updated += 1;
    else await addFailure(trx, state, item, error);
  }
}

export const retryItems = defineTask<{ queue: QueueSystems }, typeof Retry>({
  name: 'queue.retry_many',
  title: 'Retry items of the queue',
  queue: 'long',
  params: Retry,
  async run({ items, by }, { adapters, signal, checkpoint, runs, kept, keep, progress, finish }) {
    const starter = { trigger: 'manual', actor: by } as const;
    let state = begun(items, kept);
    while (state.next < items.length) {
      signal.throwIfAborted();
      state = await checkpoint(async (trx) => {
        const start = (item: number) => retryItem(trx, runs, item, starter, adapters.queue).then(() => undefined);
        const later = await startFew(trx, items, state, { most: few, start });
        await keep(trx, later);
        return later;
      });
      progress({ done: state.next, total: items.length, unit: 'items' });
    }
    await finish(resultOf(state));
  },
});

export const refreshItems = defineTask<{ queue: QueueSystems }, typeof Refresh>({
  name: 'queue.refresh_many',
  title: 'Fetch the metadata of items of the queue again',
  queue: 'short',
  params: Refresh,
  timeout: 600,
  async run(params, context) {
    const { items } = params;
    const { signal, checkpoint, kept, keep, progress, again, finish } = context;
    let state = begun(items, kept);
    for (const end = performance.now() + times.attempt; performance.now() < end; ) {
      signal.throwIfAborted();
      state = await checkpoint(async (trx) => {
        const former = structuredClone(state);
        await settle(trx, former);
        const most = Math.min(few, window - former.open.length);
        const start = (item: number) => startRefresh(trx, context, item, params);
        const later = await startFew(trx, items, former, { most, start });
        await keep(trx, later);
        return later;
      });
      const { next, open, updated, failed } = state;
      progress({ done: updated + failed, total: items.length, unit: 'items' });
      if (next === items.length && open.length === 0) return finish(resultOf(state));
      if (next === items.length || open.length >= window) await sleep(times.look, undefined, { signal });
    }
    await again(times.pause);
  },
});

async function startRefresh(
  trx: Transaction<DB>,
  { runs, adapters }: Context,
  item: number,
  { by, fresh, update_emby }: Static<typeof Refresh>,
): Promise<string> {
  const isMoved = (await findItem(trx, item))?.new_path != null;
  const publishes = update_emby && isMoved && adapters.queue.server !== null;
  const steps: QueueStep[] = publishes ? ['metadata', 'publish'] : ['metadata'];
  const starter = { trigger: 'manual', actor: by } as const;
  const { id } = await startItem(trx, runs, item, steps, {
    starter,
    fresh,
    staysPublished: !update_emby,
    // It fetches them by itself, and goes on.
    interrupts: false,
  });
  return id;
}
