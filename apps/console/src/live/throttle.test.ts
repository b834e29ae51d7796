import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttle } from './throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a paced task', () => {
  it('runs at once, and after its pause once more for all who asked meanwhile', async () => {
    let runs = 0;
    const ask = throttle(async () => {
      runs += 1;
    }, 400);
    ask();
    ask();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toBe(1);
    for (let count = 0; count < 5; count += 1) ask();
    await vi.advanceTimersByTimeAsync(399);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toBe(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toBe(2);
  });

  it('never runs twice at the same time, and once behind a run that began before it was asked', async () => {
    let runs = 0;
    let end = () => {};
    const ask = throttle(() => {
      runs += 1;
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    }, 400);
    ask();
    await vi.advanceTimersByTimeAsync(0);
    ask();
    ask();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toBe(1);
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toBe(2);
    end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toBe(2);
  });
});
