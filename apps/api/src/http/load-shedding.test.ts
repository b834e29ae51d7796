import type { Problem } from '@at/contracts/problem';
import { expect, test } from 'vitest';
import { startTestApp } from '#test/test-app.ts';

const block = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

const lag = { maximum: 200, interval: 100 };

test('while the event loop lags, requests get 503 and health responds; afterwards requests succeed', async () => {
  const app = await startTestApp({ template: 'empty', deps: () => ({ lag }) });
  // Every turn of the loop takes too long.
  let lagging = true;
  const takeLong = () => {
    block(lag.maximum + 20);
    if (lagging) setImmediate(takeLong);
  };
  try {
    setImmediate(takeLong);
    let shed = await app.call<Problem>('GET', '/');
    while (shed.status === 200) shed = await app.call<Problem>('GET', '/');
    const health = await app.call('GET', '/health');
    lagging = false;

    expect(shed.status).toBe(503);
    expect(shed.headers['retry-after']).toBe('2');
    expect(shed.body).toMatchObject({ error: 'Overloaded', status: 503 });
    expect(health.status).toBe(200);
    let after = await app.call('GET', '/');
    while (after.status === 503) after = await app.call('GET', '/');
    expect(after.status).toBe(200);
  } finally {
    lagging = false;
    await app.close();
  }
});

test('one long turn of the event loop rejects no request', async () => {
  // Only that turn takes so long, also on a busy machine.
  const lag = { maximum: 1_000, interval: 100 };
  const app = await startTestApp({ template: 'empty', deps: () => ({ lag }) });
  try {
    block(1.5 * lag.maximum);
    const until = performance.now() + 3 * lag.interval;
    while (performance.now() < until) expect((await app.call('GET', '/')).status).toBe(200);
  } finally {
    await app.close();
  }
});
