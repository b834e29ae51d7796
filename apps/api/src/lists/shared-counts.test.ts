import { beforeEach, describe, expect, test } from 'vitest';
import { SharedCounts } from './shared-counts.ts';

let now: number;
let counts: SharedCounts;
let computed: number;

/** The how-manieth answer this is. */
const compute = async () => {
  computed += 1;
  return computed;
};
const read = async (key = 'total') => (await counts.read(key, compute)).value;

beforeEach(() => {
  now = 100;
  computed = 0;
  counts = new SharedCounts(() => now);
});

describe('sharing', () => {
  test('readers at once share one computation', async () => {
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
  });

  test('keys are apart', async () => {
    expect([await read('one'), await read('two'), await read('one')]).toEqual([1, 2, 1]);
  });

  test('an answer says how old it is, counted from when its question began', async () => {
    await read();
    now += 0.25;
    expect(await counts.read('total', compute)).toEqual({ value: 1, age: 0.25 });
  });

  test('shortly before its end a new one is fetched behind the one still served', async () => {
    await read();
    now += 0.95;
    expect(await read()).toBe(1);
    expect(computed).toBe(2);
    expect(await read()).toBe(2);
    expect(computed).toBe(2);
  });

  test.each([
    ['at once', 0, 0.85, 0.95],
    ['in 0.2 s', 0.2, 0.55, 0.65],
    ['in 0.4 s', 0.4, 0.45, 0.55],
  ])('one that came %s is replaced in time to be ready, but not before half a second', async (_, took, early, due) => {
    await counts.read('total', async () => {
      now += took;
      return compute();
    });
    now = 100 + early;
    await read();
    expect(computed).toBe(1);
    now = 100 + due;
    await read();
    expect(computed).toBe(2);
  });

  test('nothing older than a second is served', async () => {
    await read();
    now += 1;
    expect(await read()).toBe(2);
    now += 3600;
    expect(await read()).toBe(3);
  });

  test('a slow answer is not taken for a fresh one', async () => {
    const slow = Promise.withResolvers<string>();
    const first = counts.read('total', () => slow.promise);
    now += 1.5;
    const second = counts.read('total', async () => 'quick');
    slow.resolve('slow');
    expect((await second).value).toBe('quick');
    expect(await first).toEqual({ value: 'slow', age: 1.5 });
  });
});

describe('writes', () => {
  test('after a drop everything is computed again', async () => {
    await read();
    counts.drop();
    expect(await read()).toBe(2);
  });

  test('an answer that was on its way when a write came is not served to later readers', async () => {
    const early = Promise.withResolvers<string>();
    const before = counts.read('total', () => early.promise);
    counts.drop();
    const after = counts.read('total', async () => 'after');
    early.resolve('before');
    expect((await before).value).toBe('before');
    expect((await after).value).toBe('after');
    expect((await counts.read('total', compute)).value).toBe('after');
  });

  test('nor is one that was being fetched behind another', async () => {
    await read();
    now += 0.95;
    const behind = Promise.withResolvers<string>();
    await counts.read('total', () => behind.promise);
    counts.drop();
    expect((await counts.read('total', async () => 'after')).value).toBe('after');
    behind.resolve('before');
    await behind.promise;
    expect((await counts.read('total', compute)).value).toBe('after');
  });
});

describe('failures', () => {
  const fail = async () => {
    throw new Error('unreachable');
  };

  test('reach every waiting caller, and are not kept', async () => {
    const all = await Promise.allSettled([counts.read('total', fail), counts.read('total', fail)]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await read()).toBe(1);
  });

  test('behind a count that is still valid reach no caller', async () => {
    await read();
    now += 0.95;
    expect((await counts.read('total', fail)).value).toBe(1);
    expect(await read()).toBe(1);
    expect(computed).toBe(2);
    now += 0.5;
    expect(await read()).toBe(2);
  });
});

test('at most 500 answers are kept', async () => {
  for (let i = 0; i <= 500; i += 1) await read(`key ${i}`);
  computed = 0;
  await read('key 500');
  expect(computed).toBe(0);
  await read('key 0');
  expect(computed).toBe(1);
});
