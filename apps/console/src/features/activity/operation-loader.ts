import {
  getOperation,
  listOperationItems,
  type Operation,
  type OperationResult,
  operationResults,
} from '@at/contracts/bulk';
import type { LoaderFunctionArgs } from 'react-router';
import { call, type Reply } from '#api/call.ts';

export type Items = Reply<typeof listOperationItems>['data'];

export type OperationData = { id: string } & (
  | {
      operation: Operation;
      /** The result that the items have; null: any. */
      result: OperationResult | null;
      items: PromiseSettledResult<Items>;
    }
  | { failure: unknown }
);

const pageSize = 50;

/** A page of the items of an operation: all, or those with one result. */
export const readItems = (
  operation_id: string,
  result: OperationResult | null,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Reply<typeof listOperationItems>> =>
  call(listOperationItems, {
    params: { operation_id },
    query: {
      ...(result === null ? {} : { result: [result] }),
      ...(cursor === null ? {} : { cursor }),
      limit: pageSize,
    },
    ...(signal ? { signal } : {}),
  });

/** Returns a failure instead of throwing it, which would replace the list beside the drawer. */
export async function loader({ params, request: { url, signal } }: LoaderFunctionArgs): Promise<OperationData> {
  const id = params.operation_id ?? '';
  const requested = new URL(url).searchParams.get('result');
  const result = operationResults.find((name) => name === requested) ?? null;
  try {
    const [operation, [items]] = await Promise.all([
      call(getOperation, { params: { operation_id: id }, signal }),
      Promise.allSettled([readItems(id, result, null, signal).then(({ data }) => data)]),
    ]);
    return { id, operation: operation.data, result, items };
  } catch (failure) {
    if (signal.aborted) throw failure;
    return { id, failure };
  }
}
