import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, OperationItem, OperationRequest, OperationState } from '@at/contracts/bulk';
import type { Problem } from '@at/contracts/problem';
import { expect } from 'vitest';
import type { Reply, TestApp } from './test-app.ts';

/** Bulk operations for tests: requested over HTTP, and polled until they end. */

export type Previewed = { operation: Operation; sample: OperationItem[] } & Problem;

type Sender = { by?: TestApp; headers?: Record<string, string> };

export function preview(app: TestApp, body: OperationRequest | object, headers = {}): Promise<Reply<Previewed>> {
  return app.call<Previewed>('POST', '/operations', { body, headers });
}

/** Asks for what must be granted. */
async function granted(app: TestApp, path: string, { by = app, headers = {} }: Sender = {}): Promise<Previewed> {
  const { status, body } = await by.call<Previewed>('POST', path, { headers });
  expect([status, body.message]).toEqual([200, expect.anything()]);
  return body;
}

export async function previewed(app: TestApp, body: OperationRequest, headers = {}): Promise<Operation> {
  const reply = await preview(app, body, headers);
  expect([reply.status, reply.body.message]).toEqual([200, 'Operation previewed']);
  return reply.body.operation;
}

export const run = (app: TestApp, id: string, sender?: Sender) => granted(app, `/operations/${id}/run`, sender);
export const cancel = (app: TestApp, id: string) => granted(app, `/operations/${id}/cancel`);
export const invert = (app: TestApp, id: string) => granted(app, `/operations/${id}/inverse`);

export async function operation(app: TestApp, id: string): Promise<Operation> {
  return (await app.call<Operation>('GET', `/operations/${id}`)).body;
}

/** Asks until the operation is in one of the states. */
export async function until(app: TestApp, id: string, ...states: OperationState[]): Promise<Operation> {
  for (;;) {
    const now = await operation(app, id);
    if (states.includes(now.state)) return now;
    await sleep(10);
  }
}

/** Previews, runs and waits for the end. */
export async function done(app: TestApp, body: OperationRequest, headers = {}): Promise<Operation> {
  const { operation_id } = await previewed(app, body, headers);
  await run(app, operation_id, { headers });
  return until(app, operation_id, 'done');
}

/** Takes an operation back, and waits for the end. */
export async function undone(app: TestApp, id: string): Promise<Operation> {
  const inverse = await invert(app, id);
  await run(app, inverse.operation.operation_id);
  return until(app, inverse.operation.operation_id, 'done');
}

/** Every item of an operation. */
export async function itemsOf(app: TestApp, id: string, query = ''): Promise<OperationItem[]> {
  const { body } = await app.call<{ data: OperationItem[] }>('GET', `/operations/${id}/items?limit=1000&${query}`);
  return body.data;
}

/** The results of the items by key. */
export async function resultsOf(app: TestApp, id: string): Promise<Record<string, string>> {
  return Object.fromEntries((await itemsOf(app, id)).map(({ key, result }) => [key, result]));
}
