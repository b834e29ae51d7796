import { describe, expect, test } from 'vitest';
import { KeyAttempts } from './key-attempts.ts';

const keys = [{ name: 'ann', role: 'admin', secret: 'the-secret-of-ann' }] as const;
let now = 0;
const made = (capacity = 100) => new KeyAttempts({ now: () => now, capacity });
const fail = (attempts: KeyAttempts, address: string, times: number, from = 0) => {
  for (let i = 0; i < times; i += 1) expect(attempts.find(keys, `wrong ${from + i}`, address)).toBeUndefined();
};

describe('an address', () => {
  test('waits from its tenth wrong key on, twice as long each time, up to a minute', () => {
    const attempts = made();
    fail(attempts, '10.0.0.1', 9);
    expect(attempts.wait('10.0.0.1')).toBe(0);
    const waits = Array.from({ length: 9 }, (_, i) => {
      fail(attempts, '10.0.0.1', 1, 9 + i);
      return attempts.wait('10.0.0.1');
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    now += 59_001;
    expect(attempts.wait('10.0.0.1')).toBe(1);
    now += 1_000;
    expect(attempts.wait('10.0.0.1')).toBe(0);
    expect(attempts.wait('10.0.0.2')).toBe(0);
  });

  test('is forgotten 15 minutes after its last wrong key; a right one changes nothing', () => {
    const attempts = made();
    fail(attempts, '10.0.0.1', 9);
    expect(attempts.find(keys, 'the-secret-of-ann', '10.0.0.1')).toBe(keys[0]);
    now += 14 * 60_000;
    fail(attempts, '10.0.0.1', 1, 9);
    expect(attempts.wait('10.0.0.1')).toBe(1);
    now += 15 * 60_000;
    fail(attempts, '10.0.0.1', 1, 10);
    expect(attempts.wait('10.0.0.1')).toBe(0);
  });

  test('of version 6 is a whole /64', () => {
    const attempts = made();
    for (let i = 0; i < 10; i += 1) fail(attempts, `2001:db8:0:1::${i + 1}`, 1, i);
    expect(attempts.wait('2001:db8:0:1:ffff:ffff:ffff:ffff')).toBe(1);
    expect(attempts.wait('2001:db8:0:2::1')).toBe(0);
    expect(attempts.wait('::1')).toBe(0);
  });

  test('of version 4 in the notation of version 6 stands alone', () => {
    const attempts = made();
    fail(attempts, '::ffff:10.0.0.1', 10);
    expect(attempts.wait('::ffff:10.0.0.1')).toBe(1);
    expect(attempts.wait('::ffff:10.0.0.2')).toBe(0);
  });
});

test('only so many addresses are remembered, those that were wrong last', () => {
  const attempts = made(3);
  for (const address of ['a', 'b', 'c', 'd']) fail(attempts, address, 10);
  expect(['a', 'b', 'c', 'd'].map((address) => attempts.wait(address))).toEqual([0, 1, 1, 1]);
  fail(attempts, 'b', 1, 10);
  fail(attempts, 'e', 1);
  expect(attempts.wait('b')).toBe(2);
  expect(attempts.wait('c')).toBe(0);
});
