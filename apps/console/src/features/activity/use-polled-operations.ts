import { getOperation, type Operation } from '@at/contracts/bulk';
import { useQueries } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { isRunning } from './describe-operation.ts';

/** Milliseconds between two requests. */
const pause = 1_000;

/** Grows while an operation goes on, with its items and with its end. */
const progress = (operation: Operation) => (isRunning(operation) ? -operation.counts.pending : 1);

/** The latest state of the operations, polled while they run; `onEnded` is called when one has ended. */
export function usePolledOperations(
  operations: readonly Operation[],
  onEnded: () => void,
): (operation: Operation) => Operation {
  const running = [...new Set(operations.filter(isRunning).map(({ operation_id }) => operation_id))];
  const read = useQueries(
    {
      queries: running.map((operation_id) => ({
        queryKey: ['operation', operation_id],
        queryFn: async () => (await call(getOperation, { params: { operation_id } })).data,
        refetchInterval: ({ state }: { state: { data?: Operation | undefined } }) =>
          state.data === undefined || isRunning(state.data) ? pause : (false as const),
      })),
      combine: (results) => results.flatMap(({ data }) => data ?? []),
    },
    queryClient,
  );
  const ended = read.flatMap((operation) => (isRunning(operation) ? [] : operation.operation_id)).join();
  useEffect(() => {
    if (ended !== '') onEnded();
  }, [ended]);
  return (operation) => {
    const other = read.find(({ operation_id }) => operation_id === operation.operation_id);
    return other && progress(other) > progress(operation) ? other : operation;
  };
}
