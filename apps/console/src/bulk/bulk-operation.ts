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
import { ApiProblem, call } from '#api/call.ts';
import { nextWriteId } from '#outbox/browser-outbox.ts';
import { createStore } from '#state/store.ts';
import { formatInteger } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { bulkTexts } from './texts.ts';

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
  /** Lets go of the selection that it was made from; not there any more after a reload. */
  unselect?: () => void;
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

const storageKey = 'bulk';

function readKept(): Bulk[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as Bulk[];
  } catch {
    return [];
  }
}

/** What this tab has told to run and not seen end; the API goes on with it while the tab is loaded anew. */
let unended = readKept();

/** What ran when the tab was loaded anew, until its page is there to show it. */
let left = unended;

function keep(bulks: Bulk[]): void {
  unended = bulks;
  try {
    if (bulks.length === 0) sessionStorage.removeItem(storageKey);
    else sessionStorage.setItem(storageKey, JSON.stringify(bulks));
  } catch {
    // Storage is full or refused: a reload loses sight of it.
  }
}

const isSame = (left: Bulk | null, { operation }: Bulk) => left?.operation.operation_id === operation.operation_id;
const isShown = (bulk: Bulk) => isSame(bulkShown.get(), bulk);
const forget = (bulk: Bulk) => keep(unended.filter((other) => !isSame(other, bulk)));

/** Milliseconds between looks at a change that runs. */
const pause = 700;

const patch = (operation: Operation, lost: string | null = null) =>
  bulkShown.set((shown) =>
    shown?.operation.operation_id === operation.operation_id ? { ...shown, operation, lost } : shown,
  );

const ofId = ({ operation_id }: Operation) => ({ params: { operation_id } });

/** Writes down what a change concerns, and shows it; nothing is changed. */
export async function previewBulk(words: BulkWords, request: OperationRequest, unselect: () => void): Promise<void> {
  try {
    const { data } = await call(createOperation, { body: request, idempotencyKey: nextWriteId() });
    const { operation, sample } = data;
    bulkShown.set({ ...words, operation, sample, started: false, lost: null, unselect });
  } catch (error) {
    notifyError(bulkTexts.notPreviewed, error);
  }
}

const wait = () => new Promise((resolve) => setTimeout(resolve, pause));

/** Looks at a change until it has ended or proves not to run; an API that is away for a while is asked again. */
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

/** Follows a running change to its end, and tells how it ended. */
async function seeThrough(bulk: Bulk, onEnded: () => void): Promise<void> {
  const operation = await follow(bulk.operation);
  if (operation.state === 'previewed') {
    // The page was loaded anew before the API heard that it is to run.
    if (isShown(bulk)) bulkShown.set({ ...bulk, operation, started: false });
    return;
  }
  bulk.unselect?.();
  onEnded();
  if (isShown(bulk)) return;
  const undo = operation.can_invert ? () => void undoBulk({ ...bulk, operation }, onEnded) : undefined;
  notify(bulkTexts.ended(bulk.title, describeCounts(operation)), undo);
}

/**
 * Runs a previewed change to its end. `onEnded` loads anew what it may have changed; where no dialog shows it any more, a
 * message says how it ended, with Undo.
 */
export async function runBulk(bulk: Bulk, onEnded: () => void): Promise<void> {
  const begun = { ...bulk, started: true };
  if (isShown(bulk)) bulkShown.set(begun);
  keep([...unended, begun]);
  try {
    const { data } = await call(runOperation, ofId(bulk.operation));
    patch(data.operation);
    await seeThrough({ ...begun, operation: data.operation }, onEnded);
  } catch (error) {
    if (isShown(bulk)) bulkShown.set({ ...bulk, started: false });
    notifyError(bulkTexts.notStarted, error);
  } finally {
    forget(bulk);
  }
}

/** Shows what this tab had told to run, with such rows or with any, when it was loaded anew. */
export function resumeBulk(subject: OperationSubject | undefined, onEnded: () => void): void {
  const own = left.filter(({ operation }) => subject === undefined || operation.subject === subject);
  left = left.filter((bulk) => !own.includes(bulk));
  for (const bulk of own) {
    bulkShown.set(bulk);
    seeThrough(bulk, onEnded)
      .catch((error: unknown) => {
        if (isShown(bulk)) bulkShown.set(null);
        notifyError(bulkTexts.lostSight, error);
      })
      .finally(() => forget(bulk));
  }
}

/** Takes back what a change did to rows that nobody has changed since. */
export async function undoBulk(bulk: Bulk, onEnded: () => void): Promise<void> {
  try {
    const { data } = await call(invertOperation, { ...ofId(bulk.operation), idempotencyKey: nextWriteId() });
    const { operation, sample } = data;
    const words = { title: bulkTexts.takenBack(bulk.title), verb: bulkTexts.undo, warning: undefined };
    const back = { ...bulk, ...words, operation, sample, started: true, lost: null };
    // Another change may be looked at meanwhile.
    if (isShown(bulk)) bulkShown.set(back);
    await runBulk(back, onEnded);
  } catch (error) {
    notifyError(bulkTexts.notTakenBack, error);
  }
}

/** Writes down what taking a change back would concern, and shows it; nothing is changed. */
export async function previewInverse(words: BulkWords, operation: Operation): Promise<void> {
  try {
    const { data } = await call(invertOperation, { ...ofId(operation), idempotencyKey: nextWriteId() });
    bulkShown.set({ ...words, operation: data.operation, sample: data.sample, started: false, lost: null });
  } catch (error) {
    notifyError(bulkTexts.notTakenBack, error);
  }
}

/** Ends a running change before its time, or drops a preview; what was done stays done. */
export async function stopBulk({ operation }: Pick<Bulk, 'operation'>): Promise<void> {
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
