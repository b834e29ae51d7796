import { Worker } from '@at/runs/worker';
import { expect, onTestFinished, test } from 'vitest';
import { expectWhole, interrupt, opened, photo } from '../../test/interrupted-moves.ts';
import { leftMoves } from './duty.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

test('moves of a worker that was killed are ended by another one, without a step that goes on', async () => {
  const product = await opened();
  const database = { connection: product.database.connectionString };
  const work = (minutes: number) =>
    new Worker({
      database,
      tasks: [],
      schedules: [],
      duties: [leftMoves(minutes, 20)],
      adapters: {},
      log: silent,
      version: '0',
    });
  await interrupt(product, ['linked', 3], true);
  const worker = work(0);
  worker.start();
  onTestFinished(() => worker.stop());
  await expect.poll(() => product.states(), { timeout: 20_000 }).toEqual({ done: 3 });
  expect(await expectWhole(product, photo)).toEqual(photo.map((name) => `archive/day/${name}`));
});
