import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://console.test/')));

import { queryClient } from './query-client.ts';
import { currentServerInfo, recentServerInfo, refreshServerInfo } from './server-info.ts';

/** Pending requests to the API, oldest first. */
let requests: { answer: (version: string) => void; fail: () => void }[] = [];
let sent = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  queryClient.clear();
  requests = [];
  sent = 0;
  vi.stubGlobal('fetch', () => {
    sent += 1;
    return new Promise((resolve, reject) => {
      requests.push({
        answer: (version) => resolve(Response.json({ version })),
        fail: () => reject(new TypeError('Failed to fetch')),
      });
    });
  });
  vi.advanceTimersByTime(10_000);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const flush = () => vi.advanceTimersByTimeAsync(0);

it('shares one request among all callers while it is in flight', async () => {
  const all = [refreshServerInfo(), recentServerInfo(), refreshServerInfo()];
  await flush();
  requests[0]?.answer('1');
  expect(await Promise.all(all)).toEqual([true, { version: '1' }, true]);
  expect(sent).toBe(1);
});

it('sends a new request on refresh, but reuses a reply of the last two seconds for a page load', async () => {
  const first = refreshServerInfo();
  await flush();
  requests[0]?.answer('1');
  await first;
  expect(await recentServerInfo()).toEqual({ version: '1' });
  expect(sent).toBe(1);
  void refreshServerInfo();
  await flush();
  expect(sent).toBe(2);
  requests[1]?.answer('2');
  await flush();
  expect(await recentServerInfo()).toEqual({ version: '2' });
  await vi.advanceTimersByTimeAsync(2_001);
  const last = recentServerInfo();
  await flush();
  requests[2]?.answer('3');
  expect(await last).toEqual({ version: '3' });
});

it('does not wait for a request that hangs: a later one answers the earlier callers too', async () => {
  const first = recentServerInfo();
  await vi.advanceTimersByTimeAsync(2_001);
  const second = refreshServerInfo();
  await flush();
  expect(sent).toBe(2);
  requests[1]?.answer('2');
  expect(await second).toBe(true);
  expect(await first).toEqual({ version: '2' });
});

it('keeps the last values when a request fails, and sends another one at the next call', async () => {
  const first = refreshServerInfo();
  await flush();
  requests[0]?.answer('1');
  await first;
  const second = refreshServerInfo();
  await flush();
  requests[1]?.fail();
  expect(await second).toBe(false);
  expect(currentServerInfo()).toEqual({ version: '1' });
  const third = refreshServerInfo();
  await flush();
  requests[2]?.answer('3');
  expect(await third).toBe(true);
});
