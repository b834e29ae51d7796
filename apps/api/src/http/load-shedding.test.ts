import type { Problem } from '@at/contracts/problem';
import { expect, test } from 'vitest';
import { startTestApp } from '#test/test-app.ts';

const block = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

test('while the event loop lags, requests are sent away, health answers, and afterwards all is well', {
  timeout: 60_000,
}, async () => {
  const app = await startTestApp({ template: 'empty' });
  // One turn of the loop after another takes longer than it may.
  let lagging = true;
  const lag = () => {
    block(1100);
    if (lagging) setImmediate(lag);
  };
  try {
    setImmediate(lag);
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
  const app = await startTestApp({ template: 'empty' });
  try {
    block(2500);
    const until = performance.now() + 1200;
    while (performance.now() < until) expect((await app.call('GET', '/')).status).toBe(200);
  } finally {
    await app.close();
  }
});
