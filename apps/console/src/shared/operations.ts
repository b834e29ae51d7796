import {
  cancelOperation,
  createOperation,
  getOperation,
  invertOperation,
  type Operation,
  type OperationItem,
  type OperationRequest,
  operationResults,
  runOperation,
} from '@at/contracts/operation';
import { ApiProblem, call } from './api.ts';
import { nextWriteId } from './browser-outbox.ts';
import { formatInteger } from './format.ts';
import { notify, notifyError } from './notify.tsx';
import { createStore } from './store.ts';
import { bulkTexts } from './texts/bulk.ts';

/**
 * A change of many rows at once, as the API runs it: previewed, run, followed until it has ended, and taken back. It is
 * followed here rather than by the dialog, so that leaving the page loses nothing.
 */

/** The words for a change. */
export type BulkWords = {
  /** What is done, such as `Would watch`. */
  title: string;
  /** What the button says before the count, such as `Label`. */
  verb: string;
  /** What cannot be taken back, or not wholly. */
  warning?: string | undefined;
};

export type Bulk = BulkWords & {
  operation: Operation;
  /** The first items it concerns. */
  sample: OperationItem[];
  /** It was told to run. */
  started: boolean;
  /** Why nothing is known of it at the moment; null while all is well. */
  lost: string | null;
};

/** The one that the dialog shows. */
export const bulkShown = createStore<Bulk | null>(null);

export const hasEnded = ({ state }: Operation) => state === 'done' || state === 'cancelled' || state === 'expired';

/** Items whose turn has passed. */
export const endedItems = ({ total, counts }: Operation) => total - counts.pending;

/** `118 done, 2 failed`. */
export function describeCounts({ counts }: Operation): string {
  return operationResults
    .filter((result) => counts[result] > 0)
    .map((result) => `${formatInteger(counts[result])} ${bulkTexts.results[result]}`)
    .join(', ');
}

/** Milliseconds between looks at a change that runs. */
const pause = 700;

const patch = (operation: Operation, lost: string | null = null) =>
  bulkShown.set((shown) =>
    shown?.operation.operation_id === operation.operation_id ? { ...shown, operation, lost } : shown,
  );

const ofId = ({ operation_id }: Operation) => ({ params: { operation_id } });

/** Writes down what a change concerns, and shows it; nothing is changed. */
export async function previewBulk(words: BulkWords, request: OperationRequest): Promise<void> {
  try {
    const { data } = await call(createOperation, { body: request, idempotencyKey: nextWriteId() });
    bulkShown.set({ ...words, operation: data.operation, sample: data.sample, started: false, lost: null });
  } catch (error) {
    notifyError(bulkTexts.notPreviewed, error);
  }
}

const wait = () => new Promise((resolve) => setTimeout(resolve, pause));

/** Looks at a running change until it has ended; an API that is away for a while is asked again. */
async function follow(started: Operation): Promise<Operation> {
  let operation = started;
  while (!hasEnded(operation)) {
    await wait();
    try {
      operation = (await call(getOperation, ofId(operation))).data;
      patch(operation);
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 404) throw error;
      patch(operation, error instanceof Error ? error.message : String(error));
    }
  }
  return operation;
}

/**
 * Runs a previewed change to its end. `onEnded` loads anew what it may have changed; where no dialog shows it any more, a
 * message says how it ended, with Undo.
 */
export async function runBulk(bulk: Bulk, onEnded: () => void): Promise<void> {
  const { operation_id } = bulk.operation;
  const isShown = () => bulkShown.get()?.operation.operation_id === operation_id;
  if (isShown()) bulkShown.set({ ...bulk, started: true });
  try {
    const { data } = await call(runOperation, ofId(bulk.operation));
    patch(data.operation);
    const operation = await follow(data.operation);
    onEnded();
    if (isShown()) return;
    const undo = operation.can_invert ? () => void takeBulkBack({ ...bulk, operation }, onEnded) : undefined;
    notify(bulkTexts.ended(bulk.title, describeCounts(operation)), undo);
  } catch (error) {
    if (isShown()) bulkShown.set(bulk);
    notifyError(bulkTexts.notStarted, error);
  }
}

/** Takes back what a change did to rows that nobody has changed since. */
export async function takeBulkBack(bulk: Bulk, onEnded: () => void): Promise<void> {
  try {
    const { data } = await call(invertOperation, { ...ofId(bulk.operation), idempotencyKey: nextWriteId() });
    const { operation, sample } = data;
    const back = { ...bulk, title: bulkTexts.takenBack(bulk.title), operation, sample, started: true, lost: null };
    bulkShown.set((shown) => shown && back);
    await runBulk(back, onEnded);
  } catch (error) {
    notifyError(bulkTexts.notTakenBack, error);
  }
}

/** Ends a running change before its time; what was done stays done. */
export async function stopBulk({ operation }: Bulk): Promise<void> {
  try {
    patch((await call(cancelOperation, ofId(operation))).data.operation);
  } catch (error) {
    notifyError(bulkTexts.notStopped, error);
  }
}

/** Closes the dialog; a preview that was not run is dropped. */
export function closeBulk(): void {
  const shown = bulkShown.get();
  bulkShown.set(null);
  // It expires by itself where this does not arrive.
  if (shown?.operation.state === 'previewed' && !shown.started)
    void call(cancelOperation, ofId(shown.operation)).catch(() => {});
}
