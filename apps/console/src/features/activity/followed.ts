import { getOperation, type Operation } from '@at/contracts/bulk';
import { useEffect, useRef } from 'react';
import { call } from '#api/call.ts';
import { createStore, useStore } from '#state/store.ts';
import { isRunning } from './operation-words.ts';

/** Operations that run while they are on the screen: read anew, each where it stands. */

/** As they were read since, by id. */
const read = createStore<ReadonlyMap<string, Operation>>(new Map());

/** Milliseconds between two looks. */
const pause = 1_000;

/** Grows while an operation goes on, with its items and with its end. */
const progress = (operation: Operation) => (isRunning(operation) ? -operation.counts.pending : 1);

/** The operation as it is known by now. */
const latest = (operation: Operation, all: ReadonlyMap<string, Operation>) => {
  const other = all.get(operation.operation_id);
  return other && progress(other) > progress(operation) ? other : operation;
};

/** The operations as they stand now, asked for as long as any of them runs; `onEnded` is called when one no longer does. */
export function useFollowed(
  operations: readonly Operation[],
  onEnded: () => void,
): (operation: Operation) => Operation {
  const all = useStore(read);
  const end = useRef(onEnded);
  end.current = onEnded;
  const running = [
    ...new Set(
      operations
        .map((one) => latest(one, all))
        .filter(isRunning)
        .map((one) => one.operation_id),
    ),
  ];
  const wanted = running.sort().join();
  useEffect(() => {
    if (wanted === '') return;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const { signal } = controller;
      const found = await Promise.allSettled(
        wanted.split(',').map((operation_id) => call(getOperation, { params: { operation_id }, signal })),
      );
      if (signal.aborted) return;
      const now = found.flatMap((result) => (result.status === 'fulfilled' ? [result.value.data] : []));
      read.set((before) => new Map([...before, ...now.map((one) => [one.operation_id, one] as const)]));
      if (now.some((one) => !isRunning(one))) end.current();
      timer = setTimeout(look, pause);
    };
    timer = setTimeout(look, pause);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [wanted]);
  return (operation) => latest(operation, all);
}
