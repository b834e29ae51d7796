import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttle } from './throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a throttled task', () => {
  it('runs at once, and once more after its pause for all later requests', async () => {
    let runs = 0;
    const { request } = throttle(
      async () => {
        runs += 1;
      },
      { every: 400 },
    );
    request();
    request();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toBe(1);
    for (let count = 0; count < 5; count += 1) request();
    await vi.advanceTimersByTimeAsync(399);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toBe(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toBe(2);
  });

  it('never runs twice at the same time, and runs once more after a run that began before the request', async () => {
    let runs = 0;
    let end = () => {};
    const task = () => {
      runs += 1;
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    };
    const { request } = throttle(task, { every: 400 });
    request();
    await vi.advanceTimersByTimeAsync(0);
    request();
    request();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toBe(1);
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toBe(2);
    end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toBe(2);
  });

  it('waits for the rest of a burst, and with `twice` runs again for what came during that wait', async () => {
    const runs: string[] = [];
    const once = throttle(async () => void runs.push('once'), { every: 1_000, after: 1_000 });
    const twice = throttle(async () => void runs.push('twice'), { every: 1_000, after: 1_000, twice: true });
    for (const { request } of [once, twice]) request();
    await vi.advanceTimersByTimeAsync(500);
    for (const { request } of [once, twice]) request();
    await vi.advanceTimersByTimeAsync(499);
    expect(runs).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toEqual(['once', 'twice']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toEqual(['once', 'twice', 'twice']);
  });

  it('runs again two seconds after a failure, and not after it was stopped', async () => {
    let runs = 0;
    const { request, stop } = throttle(
      async () => {
        runs += 1;
        throw new Error('down');
      },
      { every: 400 },
    );
    request();
    await vi.advanceTimersByTimeAsync(1_999);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toBe(2);
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toBe(2);
  });
});
