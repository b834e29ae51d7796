import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://console.test/')));

import { connection } from '#state/connection.ts';
import { isAnswering } from './is-answering.ts';

/** Requests that wait, and what ends each as if its time were over. */
let requests: { url: string; answer: (response: Response) => void; seconds: number; expire: () => void }[] = [];

beforeEach(() => {
  requests = [];
  let expire = () => {};
  let seconds = 0;
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    const controller = new AbortController();
    expire = () => controller.abort(new DOMException('Timed out', 'TimeoutError'));
    seconds = milliseconds / 1_000;
    return controller.signal;
  });
  vi.stubGlobal('fetch', (url: string, { signal }: RequestInit) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    signal?.addEventListener('abort', () => reject(signal.reason));
    requests.push({ url, answer: resolve, seconds, expire });
    return promise;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const asked = () => expect.poll(() => requests).not.toEqual([]);

it('asks an API that hangs once at a time, and gives up after four seconds', async () => {
  const all = [isAnswering(), isAnswering()];
  await asked();
  expect(requests.map(({ url, seconds }) => [url, seconds])).toEqual([['http://console.test/rear-diff/health', 4]]);
  requests[0]?.expire();
  expect(await Promise.all(all)).toEqual([false, false]);
  expect(connection.get().state).toBe('down');
});

it('an API that refuses does answer, a gateway without one does not', async () => {
  const refused = isAnswering();
  await asked();
  requests.pop()?.answer(Response.json({ status: 503, instance: 'r1' }, { status: 503 }));
  expect(await refused).toBe(true);
  const gateway = isAnswering();
  await asked();
  requests.pop()?.answer(new Response('Bad gateway', { status: 502 }));
  expect(await gateway).toBe(false);
});
