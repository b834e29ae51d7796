import { basename } from 'node:path';
import type { FileIdentity } from '@at/adapters/file-identity';
import type { QueueSystems } from '@at/adapters/queue-systems';
import {
  isProcessed,
  lackOfQueueStep,
  moveInterrupted,
  notCompleted,
  notFailed,
  notRemoved,
  queueLackText,
  removalEnded,
  restoreRefused,
  waitsForAttempt,
} from '@at/contracts/queue-rule';
import { type QueueStep, queueSteps } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import type { Starter } from '@at/runs/queries';
import type { Runs } from '@at/runs/runs';
import { RunRefused } from '@at/runs/states';
import type { Transaction } from 'kysely';
import { findItem, findUnfinishedSteps, type ItemFacts } from './queries.ts';
import { lockRemoval, reinsertItem } from './removals.ts';
import { itemSubject, missingSettings, subtitleOf, videoNameOf } from './rules.ts';
import { extract } from './tasks/extract.ts';
import { metadata } from './tasks/metadata.ts';
import { move } from './tasks/move.ts';
import { publish } from './tasks/publish.ts';
import { removeFile } from './tasks/remove-file.ts';
import { restoreFile } from './tasks/restore-file.ts';
import { clearCode, insertItem, lockItem, removeRow, renameItem, setCode } from './writes.ts';

/** What a person or the watcher asks of an item, each in a transaction of the caller. */

type ItemStep = QueueStep | 'remove_file' | 'restore_file';

export const itemTasks = { extract, metadata, move, publish, remove_file: removeFile, restore_file: restoreFile };

export class ItemNotFound extends Error {
  override name = 'ItemNotFound';
  constructor(id: number) {
    super(`No item of the queue has the id ${id}.`);
  }
}

/** What was asked for is not possible in the present state of the item; the message says why. */
export class ItemRefused extends Error {
  override name = 'ItemRefused';
  /** `active`: its run is unfinished; `prerequisite`: a step has to come before; `status`: it has another status. */
  readonly kind: 'active' | 'prerequisite' | 'status';
  readonly status: string;
  constructor(kind: ItemRefused['kind'], message: string, status: string) {
    super(message);
    this.kind = kind;
    this.status = status;
  }
}

export type ByHand = Extract<Starter, { actor: unknown }>;
type QueueRuns<A extends { queue: QueueSystems }> = Runs<A>;

/** The item, which nobody deletes until the transaction ends. */
async function keptItem(trx: Transaction<DB>, id: number, how: { alone?: boolean } = {}): Promise<ItemFacts> {
  await lockItem(trx, id, how);
  const item = await findItem(trx, id);
  if (!item) throw new ItemNotFound(id);
  return item;
}

/**
 * The item, so that something else can begin with it: a run that waits for its next attempt is cancelled. Throws ItemRefused while its
 * run is in progress.
 */
async function freeItem<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  item: ItemFacts,
  { starter: { actor }, interrupts = true }: StartOptions,
): Promise<ItemFacts> {
  const { id } = item;
  if (!item.is_active) return item;
  if (!interrupts || !waitsForAttempt(item)) throw new ItemRefused('active', isProcessed(), item.status);
  await runs.cancel(trx, item.run_id as string, actor.name);
  const freed = await keptItem(trx, id);
  // Its attempt has begun at this moment.
  if (freed.is_active) throw new ItemRefused('active', isProcessed(), item.status);
  return freed;
}

type StartOptions = {
  starter: ByHand;
  fresh?: boolean;
  /** What is fetched is not for the media server yet. */
  staysPublished?: boolean;
  /** Whether a run that waits for its next attempt gives way; by default it does. */
  interrupts?: boolean;
};

/**
 * Starts a run of steps, one after the other. Throws ItemNotFound, ItemRefused if the facts that the first one needs are missing,
 * NotConfigured, and RunRefused if the item has an unfinished run.
 */
export async function startItem<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  steps: readonly QueueStep[],
  options: StartOptions,
): Promise<{ id: string }> {
  const item = await keptItem(trx, id);
  if (item.is_active && !waitsForAttempt(item)) throw new ItemRefused('active', isProcessed(), item.status);
  for (const [i, step] of steps.entries()) {
    const lack = lackOfQueueStep(step, item, steps.slice(0, i));
    if (lack !== null) throw new ItemRefused('prerequisite', queueLackText(lack), item.status);
  }
  await freeItem(trx, runs, item, options);
  return startSteps(trx, runs, id, steps, options);
}

/** The name of the run that processes a file. */
export const itemRun = 'item.process';

async function startSteps<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  steps: readonly ItemStep[],
  { starter, fresh = false, staysPublished = false }: StartOptions,
): Promise<{ id: string }> {
  const planned = steps.map((ref, i) => ({
    ref,
    task: itemTasks[ref],
    params: {
      item: id,
      ...(ref === 'metadata' && { ...(fresh && { fresh }), ...(staysPublished && { stays_published: true }) }),
    },
    after: steps.slice(0, i).slice(-1),
  }));
  const plan = {
    name: itemRun,
    params: { item: id, steps, fresh },
    steps: planned,
    exclusive: 'refuse',
  } as const;
  return runs.startPlan(trx, plan, { starter, subject: { type: itemSubject, id: String(id) } });
}

/**
 * Continues the run of an item in error at the step that failed; one that waits for its next attempt begins at once. Throws
 * ItemNotFound, and ItemRefused if the item is not in error.
 */
export async function retryItem<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  starter: ByHand,
  systems: QueueSystems,
): Promise<{ id: string }> {
  const item = await keptItem(trx, id);
  if (item.status !== 'error')
    throw new ItemRefused(item.is_active ? 'active' : 'status', notFailed(item.status), item.status);
  if (item.is_active) {
    await runs.hasten(trx, item.run_id as string);
    return { id: item.run_id as string };
  }
  const { failed_run_id: run, failed_step: step } = item;
  if (step === 'remove_file') throw new ItemRefused('status', removalEnded(), item.status);
  const left = (await findUnfinishedSteps(trx, run as string)) as ItemStep[];
  // A run is deleted by its age.
  const rest = (): ItemStep[] =>
    step === 'restore_file' ? [step] : queueSteps.slice(queueSteps.indexOf(step as QueueStep));
  const wanted: readonly ItemStep[] = left.length > 0 ? left : rest();
  // The item rests before a step that this installation cannot do, such as publishing without a media server.
  const lacking = wanted.findIndex((ref, i) => i > 0 && missingSettings[ref](systems).length > 0);
  const possible = lacking === -1 ? wanted : wanted.slice(0, lacking);
  if (possible.length !== left.length) return startSteps(trx, runs, id, possible, { starter });
  runs.require(
    'item.process',
    left.map((ref) => itemTasks[ref]),
  );
  try {
    await runs.retry(trx, run as string);
  } catch (error) {
    // Continued as often as a run may be.
    if (error instanceof RunRefused && error.reason === 'spent') return startSteps(trx, runs, id, left, { starter });
    throw error;
  }
  return { id: run as string };
}

/** Sets the code of an item by hand, and runs the steps that follow, as `steps` has them. Throws as `startItem` does. */
export async function giveCode<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  code: string,
  steps: readonly QueueStep[],
  options: StartOptions,
): Promise<{ id: string }> {
  const item = await freeItem(trx, runs, await keptItem(trx, id), options);
  const name = basename(item.file_path);
  const subtitle = item.subtitle ?? subtitleOf(videoNameOf(name)?.stem ?? name);
  await setCode(trx, id, code.toUpperCase(), { givenBy: options.starter.actor.name, subtitle });
  return startSteps(trx, runs, id, steps, options);
}

/**
 * Undoes a code that was set by hand, and processes the item from its first step, as `steps` has them. Throws as `startItem`
 * does, and ItemRefused if none was set.
 */
export async function takeBackCode<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  steps: readonly QueueStep[],
  options: StartOptions,
): Promise<{ id: string }> {
  const item = await keptItem(trx, id);
  if (item.code_given_by === null)
    throw new ItemRefused('status', 'The code of the item was not set by hand. Set another one.', item.status);
  await freeItem(trx, runs, item, options);
  await clearCode(trx, id);
  return startSteps(trx, runs, id, steps, options);
}

/** Fetches the metadata of a completed item again and publishes it. Throws as `startItem` does. */
export async function reprocessItem<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  options: StartOptions,
): Promise<{ id: string }> {
  const item = await keptItem(trx, id);
  if (item.status !== 'completed')
    throw new ItemRefused(item.is_active ? 'active' : 'status', notCompleted(item.status), item.status);
  return startItem(trx, runs, id, ['metadata', 'publish'], options);
}

/** Moves the file of an item to the trash, and then removes its row. Throws as `startItem` does. */
export async function startFileRemoval<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  options: StartOptions,
): Promise<{ id: string }> {
  await freeItem(trx, runs, await keptItem(trx, id), options);
  return startSteps(trx, runs, id, ['remove_file'], options);
}

/**
 * Removes the row of an item; a file in the watch folder is left alone until it changes. Throws ItemNotFound, and ItemRefused
 * if it has an unfinished run, or a move that was interrupted.
 */
export async function removeItem<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  starter: ByHand,
): Promise<void> {
  const item = await freeItem(trx, runs, await keptItem(trx, id, { alone: true }), { starter });
  if (item.move) throw new ItemRefused('active', moveInterrupted(), item.status);
  await removeRow(trx, id);
}

/**
 * Brings a removed item back, and its file by a run; null: no file has to be moved. One that was published is published again.
 * Throws ItemNotFound if nothing can be brought back, ItemRefused if its place is taken, and NotConfigured.
 */
export async function restoreItem<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  id: number,
  starter: ByHand,
  { server }: QueueSystems,
): Promise<{ id: string } | null> {
  const removal = await lockRemoval(trx, id);
  if (!removal) {
    const item = await findItem(trx, id);
    if (!item) throw new ItemNotFound(id);
    throw new ItemRefused('status', item.is_active ? isProcessed() : notRemoved(), item.status);
  }
  if (!(await reinsertItem(trx, removal.removal_id))) throw new ItemRefused('status', restoreRefused(), 'removed');
  if (!removal.has_file) return null;
  const steps: ItemStep[] = ['restore_file', ...(removal.was_published && server ? (['publish'] as const) : [])];
  return startSteps(trx, runs, id, steps, { starter });
}

/**
 * Adds the item of a file, or makes the item of its path new again, and starts all steps. Returns undefined if it has one already.
 * `former`: the failed item of the same file under another name, which goes on with this one.
 */
export async function addItem<A extends { queue: QueueSystems }>(
  trx: Transaction<DB>,
  runs: QueueRuns<A>,
  { path, file, steps, former }: { path: string; file: FileIdentity; steps: readonly QueueStep[]; former?: number },
  starter: ByHand,
): Promise<{ id: number; run: string } | undefined> {
  const id =
    (former === undefined ? undefined : await renameItem(trx, former, path, file)) ??
    (await insertItem(trx, path, file));
  if (id === undefined) return undefined;
  const { id: run } = await startSteps(trx, runs, id, steps, { starter });
  return { id, run };
}
