import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAsking } from './shared-request.ts';

let asked = 0;
let answers: { resolve: (value: number) => void; reject: (reason: Error) => void }[] = [];
const create = () =>
  createAsking(() => {
    asked += 1;
    return new Promise<number>((resolve, reject) => answers.push({ resolve, reject }));
  });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  asked = 0;
  answers = [];
});
afterEach(() => vi.useRealTimers());

describe('a question to the API', () => {
  it('is asked once for all who ask while it is on its way', async () => {
    const asking = create();
    const all = [asking.now(), asking.lately(), asking.now()];
    answers[0]?.resolve(7);
    expect(await Promise.all(all)).toEqual([7, 7, 7]);
    expect(asked).toBe(1);
  });

  it('is asked again by who wants to know what is so now, not by whom a moment ago is enough', async () => {
    const asking = create();
    const first = asking.now();
    answers[0]?.resolve(1);
    await first;
    expect(await asking.lately()).toBe(1);
    void asking.now();
    expect(asked).toBe(2);
    answers[1]?.resolve(2);
    expect(await asking.lately()).toBe(2);
    vi.advanceTimersByTime(2_001);
    void asking.lately();
    expect(asked).toBe(3);
  });

  it('that is not answered, or answered with an error, keeps nobody from asking again', async () => {
    const asking = create();
    void asking.now();
    vi.advanceTimersByTime(2_001);
    const second = asking.now();
    expect(asked).toBe(2);
    answers[1]?.reject(new Error('away'));
    await expect(second).rejects.toThrow('away');
    void asking.lately();
    expect(asked).toBe(3);
  });
});
