import {
  cancelOperation,
  createOperation,
  getOperation,
  invertOperation,
  type Operation,
  type OperationItem,
  type OperationRequest,
  type OperationSubject,
  operationResults,
  runOperation,
} from '@at/contracts/bulk';
import { ApiProblem, ApiUnreachable, call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { notifyWithUndo, watchUndo } from '#live/undo-message.ts';
import { nameHere, pageHere } from '#state/base-path.ts';
import { createStore } from '#state/store.ts';
import { formatInteger } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { bulkUndos } from './bulk-undos.ts';
import { bulkTexts } from './texts.ts';

/**
 * A bulk change: preview, run, progress and undo. The progress is followed here and not in the dialog, so that it survives
 * leaving the page.
 */

/** Texts of a bulk change. */
export type BulkLabels = {
  /** Such as `Would watch`. */
  title: string;
  /** The button's text before the count, such as `Label`. */
  verb: string;
  /** What an undo cannot restore. */
  warning?: string | undefined;
};

export type Bulk = BulkLabels & {
  operation: Operation;
  /** The first of its items. */
  sample: OperationItem[];
  /** The user has started it. */
  started: boolean;
  /** Why its state is unknown; null: it is known. */
  lost: string | null;
  /** Where it was made. */
  page?: string;
  /** Clears the selection it was made from; undefined after a reload. */
  unselect?: () => void;
};

/** The bulk change in the dialog. */
export const bulkShown = createStore<Bulk | null>(null);

export const hasEnded = ({ state }: Operation) => state === 'done' || state === 'cancelled' || state === 'expired';

/** The number of processed items. */
export const endedItems = ({ total, counts }: Operation) => total - counts.pending;

/** `118 done, 2 failed`; of an undo `118 restored`. */
export function describeCounts({ counts, inverse_of }: Operation): string {
  const names = inverse_of === null ? bulkTexts.results : { ...bulkTexts.results, done: bulkTexts.restored };
  return operationResults
    .filter((result) => counts[result] > 0)
    .map((result) => `${formatInteger(counts[result])} ${names[result]}`)
    .join(', ');
}

const storageKey = nameHere('bulk');

function readStored(): Bulk[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as Bulk[];
  } catch {
    return [];
  }
}

/** The change that this tab started and has not seen end; it survives a reload. */
let unfinished = readStored();

/** The change that was running before a reload, until its page shows it. */
let left = unfinished;

function keep(bulks: Bulk[]): void {
  unfinished = bulks;
  try {
    if (bulks.length === 0) sessionStorage.removeItem(storageKey);
    else sessionStorage.setItem(storageKey, JSON.stringify(bulks));
  } catch {
    // Storage is full or refused: the change is not shown after a reload.
  }
}

const isSame = (left: Bulk | null, { operation }: Bulk) => left?.operation.operation_id === operation.operation_id;
const isShown = (bulk: Bulk) => isSame(bulkShown.get(), bulk);
const forget = (bulk: Bulk) => keep(unfinished.filter((other) => !isSame(other, bulk)));

/** Milliseconds between polls of a running change. */
const pause = 700;

const patch = (operation: Operation, lost: string | null = null) =>
  bulkShown.set((shown) =>
    shown?.operation.operation_id === operation.operation_id ? { ...shown, operation, lost } : shown,
  );

const ofId = ({ operation_id }: Operation) => ({ params: { operation_id } });

/** Creates and shows the preview of a change. */
export async function previewBulk(labels: BulkLabels, request: OperationRequest, unselect: () => void): Promise<void> {
  try {
    const { data } = await call(createOperation, { body: request, idempotencyKey: nextWriteId() });
    const { operation, sample } = data;
    bulkShown.set({ ...labels, operation, sample, started: false, lost: null, page: pageHere(), unselect });
  } catch (error) {
    notifyError(bulkTexts.notPreviewed, error);
  }
}

const wait = () => new Promise((resolve) => setTimeout(resolve, pause));

/** Polls a change until it has ended or turns out not to run; retries during an outage. */
async function follow(started: Operation): Promise<Operation> {
  let operation = started;
  while (!hasEnded(operation)) {
    await wait();
    try {
      operation = (await call(getOperation, ofId(operation))).data;
      if (operation.state === 'previewed') return operation;
      patch(operation);
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 404) throw error;
      patch(operation, error instanceof Error ? error.message : String(error));
    }
  }
  return operation;
}

const changedBy = { training: 'title.changed', media: 'media.changed' } as const;

/** Whether an ended change can still be undone, which the dialog shows too. */
const undoOf = (operation: Operation) => ({
  types: [changedBy[operation.subject]],
  canUndo: async () => {
    const { data } = await call(getOperation, ofId(operation));
    patch(data);
    if (!data.can_invert) endUndo(operation.operation_id);
    return data.can_invert;
  },
});

/** Follows whether the change in the dialog, which has ended, can still be undone. Returns how to stop. */
export const followUndo = (operation: Operation): (() => void) => watchUndo(undoOf(operation), () => {});

/** What closes the messages with Undo, by the change. */
const messages = new Map<string, () => void>();

/** Ends the offers to undo a change. Returns that of the lists. */
function endUndo(operationId: string) {
  const undo = bulkUndos.get().find((one) => one.operationId === operationId);
  bulkUndos.set((all) => all.filter((one) => one !== undo));
  messages.get(operationId)?.();
  messages.delete(operationId);
  return undo;
}

const endedText = ({ title, operation }: Bulk) => bulkTexts.ended(title, describeCounts(operation));

/** Lets the lists of its page undo an ended change. */
function offerUndo(bulk: Bulk, onEnded: () => void): void {
  const { operation, page = pageHere() } = bulk;
  const { operation_id: operationId, subject, counts } = operation;
  const items = bulkTexts.items(counts.done, formatInteger(counts.done), subject);
  const undo = () => void undoBulk(bulk, onEnded);
  const offer = { operationId, subject, page, at: performance.now(), items, message: endedText(bulk), undo };
  bulkUndos.set((all) => [...all, offer]);
}

/** Says how a change ended, with Undo if it can be undone. */
function notifyEnded(bulk: Bulk): void {
  const { operation_id } = bulk.operation;
  const offer = bulkUndos.get().find(({ operationId }) => operationId === operation_id);
  if (!offer) notify(endedText(bulk));
  else messages.set(operation_id, notifyWithUndo(offer.message, offer.undo, undoOf(bulk.operation)));
}

/** Follows a running change and reports how it ended. */
async function followAndReport(bulk: Bulk, onEnded: () => void): Promise<void> {
  const operation = await follow(bulk.operation);
  if (operation.state === 'previewed') {
    // The page was reloaded before the API received the request to run it.
    if (isShown(bulk)) bulkShown.set({ ...bulk, operation, started: false });
    return;
  }
  bulk.unselect?.();
  onEnded();
  const ended = { ...bulk, operation };
  if (operation.can_invert) offerUndo(ended, onEnded);
  if (!isShown(bulk)) notifyEnded(ended);
}

/**
 * Starts a previewed change. A request without a response may have arrived, such as one that a reload aborts: the state of the
 * change tells.
 */
async function start(previewed: Operation): Promise<Operation> {
  try {
    const { operation } = (await call(runOperation, ofId(previewed))).data;
    patch(operation);
    return operation;
  } catch (error) {
    if (!(error instanceof ApiUnreachable)) throw error;
    patch(previewed, error.message);
    const operation = await follow(previewed);
    if (operation.state === 'previewed') throw error;
    return operation;
  }
}

/**
 * Runs a previewed change to its end. `onEnded` reloads the changed data. If the dialog is closed by then, a message shows
 * the result, with Undo.
 */
export async function runBulk(bulk: Bulk, onEnded: () => void): Promise<void> {
  const begun = { ...bulk, started: true };
  if (isShown(bulk)) bulkShown.set(begun);
  keep([...unfinished, begun]);
  try {
    const operation = await start(bulk.operation);
    if (operation.inverse_of !== null) endUndo(operation.inverse_of);
    await followAndReport({ ...begun, operation }, onEnded);
  } catch (error) {
    if (isShown(bulk)) bulkShown.set({ ...bulk, started: false });
    notifyError(bulkTexts.notStarted, error);
  } finally {
    forget(bulk);
  }
}

/** Shows the change that was running before a reload, if it is one of `subject` or none is given. */
export function resumeBulk(subject: OperationSubject | undefined, onEnded: () => void): void {
  const own = left.filter(({ operation }) => subject === undefined || operation.subject === subject);
  left = left.filter((bulk) => !own.includes(bulk));
  for (const bulk of own) {
    bulkShown.set(bulk);
    followAndReport(bulk, onEnded)
      .catch((error: unknown) => {
        if (isShown(bulk)) bulkShown.set(null);
        notifyError(bulkTexts.progressUnknown, error);
      })
      .finally(() => forget(bulk));
  }
}

/** Undoes a change on the rows that are unchanged since. */
export async function undoBulk({ unselect: _, ...bulk }: Bulk, onEnded: () => void): Promise<void> {
  const offer = endUndo(bulk.operation.operation_id);
  try {
    const { data } = await call(invertOperation, { ...ofId(bulk.operation), idempotencyKey: nextWriteId() });
    const { operation, sample } = data;
    const labels = { title: bulkTexts.undone(bulk.title), verb: bulkTexts.undo, warning: undefined };
    const back = { ...bulk, ...labels, operation, sample, started: true, lost: null };
    // The dialog may show another change by now.
    if (isShown(bulk)) bulkShown.set(back);
    await runBulk(back, onEnded);
  } catch (error) {
    if (offer && error instanceof ApiUnreachable) bulkUndos.set((all) => [...all, offer]);
    notifyError(bulkTexts.notUndone, error);
  }
}

/** Creates and shows the preview of an undo. */
export async function previewInverse(labels: BulkLabels, operation: Operation): Promise<void> {
  try {
    const { data } = await call(invertOperation, { ...ofId(operation), idempotencyKey: nextWriteId() });
    bulkShown.set({ ...labels, operation: data.operation, sample: data.sample, started: false, lost: null });
  } catch (error) {
    notifyError(bulkTexts.notUndone, error);
  }
}

/** Stops a running change or drops a preview; finished items stay changed. */
export async function stopBulk({ operation }: Pick<Bulk, 'operation'>): Promise<void> {
  try {
    patch((await call(cancelOperation, ofId(operation))).data.operation);
  } catch (error) {
    notifyError(bulkTexts.notStopped, error);
  }
}

/** Closes the dialog and drops a preview that was not run. What can still be undone offers that in a message. */
export function closeBulk(): void {
  const shown = bulkShown.get();
  bulkShown.set(null);
  if (shown && hasEnded(shown.operation) && shown.operation.can_invert) notifyEnded(shown);
  // If this fails, the preview expires by itself.
  if (shown?.operation.state === 'previewed' && !shown.started)
    void call(cancelOperation, ofId(shown.operation)).catch(() => {});
}
