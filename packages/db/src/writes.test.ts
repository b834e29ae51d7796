import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import type { DB } from './schema.ts';
import { lockTimeout, RowLocked, Writes } from './writes.ts';

test('writes that wait for locked rows use half of the connections, and say in the end what is locked', async () => {
  const writes = new Writes({} as Kysely<DB>, 4, 200);
  let began = 0;
  let atOnce = 0;
  let most = 0;
  const write = async () => {
    began += 1;
    // The first attempts find the locks.
    const isRetry = began > 10;
    if (isRetry) most = Math.max(most, ++atOnce);
    await sleep(lockTimeout);
    if (isRetry) atOnce -= 1;
    throw Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
  };
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, i) => writes.run(`title ${i}`, write).catch((error: unknown) => error)),
  );
  expect(most).toBeLessThanOrEqual(2);
  for (const [i, outcome] of outcomes.entries()) {
    expect(outcome).toBeInstanceOf(RowLocked);
    expect((outcome as RowLocked).message).toContain(`has locked title ${i}.`);
  }
});
