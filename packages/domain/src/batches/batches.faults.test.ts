import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sized } from '@at/db/test-size';
import { RunCancelled } from '@at/runs/states';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type BatchesProduct,
  cancelRun,
  contents,
  expectBack,
  expectWhole,
  inBatch,
  newRun,
  openBatches,
  photo,
} from '../../test/batches.ts';
import { type FilesProduct, openFiles } from '../../test/files.ts';
import { findAbandoned } from './queries.ts';

/** However a process ends, a batch is whole or not there at all, and no file is lost or in two places. */

let files: FilesProduct;
let product: BatchesProduct;
beforeAll(async () => {
  files = await openFiles();
});
afterAll(() => files.close());
beforeEach(async () => {
  await files.reset();
  product = await openBatches(files);
});

const cut = new Error('cut off');
/** Throws behind the n-th time of a step. */
const cutting = ([step, times]: [string, number]) => {
  let left = times;
  return (done: string) => {
    if (done === step && --left === 0) throw cut;
  };
};
/** Collects the steps that are passed, each with how often it was. */
function recording() {
  const seen: [string, number][] = [];
  return { seen, boundary: (step: string) => void seen.push([step, seen.filter(([one]) => one === step).length + 1]) };
}

const script = fileURLToPath(new URL('../../test/batch-worker.ts', import.meta.url));
async function killed(run: string, subject: unknown, [step, times]: [string, number]): Promise<void> {
  const args = [files.database.connectionString, run, JSON.stringify(subject), step, String(times)];
  expect([step, times, ...(await once(fork(script, args), 'exit'))]).toEqual([step, times, null, 'SIGKILL']);
}

/** As a step that goes again: the server needs a moment to free the locks of a dead process. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      expect(error).toMatchObject({ name: 'RootUnusable', kind: 'busy' });
      await sleep(20);
    }
  }
}

describe('a batch that is interrupted behind any step', () => {
  /** The steps of a batch, so that each can be the last. */
  async function steps(): Promise<[string, number][]> {
    const { seen, boundary } = recording();
    await product.fill(photo);
    await product.make({}, { boundary });
    expect(seen.map(([step]) => step)).toEqual(
      expect.arrayContaining([
        'batch written',
        'planned',
        'linked',
        'files moved',
        'files noted',
        'manifest written',
        'directory renamed',
      ]),
    );
    return seen;
  }
  const some = ['batch written', 'linked', 'source set aside', 'manifest written', 'directory renamed'];
  const isKilled = ([step, times]: [string, number]) => sized(some.includes(step) && times === 1, true);

  test('is finished by the next attempt', async ({ annotate }) => {
    const all = await steps();
    for (const at of all) {
      await files.reset();
      product = await openBatches(files);
      await product.fill(photo);
      const run = await newRun(product.db);
      if (isKilled(at)) await killed(run, product.parameters(), at);
      else await expect(product.make({}, { boundary: cutting(at) }, run)).rejects.toBe(cut);
      expect([at, await again(() => product.make({}, {}, run))]).toMatchObject([at, { created: true, file_count: 3 }]);
      await expectWhole(product);
    }
    await annotate(`${all.length} kills; disk and rows agree after each`, 'figure');
  });

  test('and cancelled is undone, and its name is never used again', async ({ annotate }) => {
    const all = await steps();
    for (const at of all) {
      await files.reset();
      product = await openBatches(files);
      await product.fill(photo);
      const run = await newRun(product.db);
      if (isKilled(at)) await killed(run, product.parameters(), at);
      else await expect(product.make({}, { boundary: cutting(at) }, run)).rejects.toBe(cut);
      await cancelRun(product.db, run);
      const [id] = await findAbandoned(product.db);
      expect([at, await again(() => product.undo(id as number))]).toMatchObject([at, { undone: true }]);
      await expectBack(product);
    }
    await annotate(`${all.length} kills; disk and rows agree after each`, 'figure');
  });

  test('by a cancel is whole, or all its files are where they were', async () => {
    for (const at of await steps()) {
      await files.reset();
      product = await openBatches(files);
      await product.fill(photo);
      const stop = new AbortController();
      const boundary = (step: string) => {
        if (step === at[0] && !stop.signal.aborted) stop.abort(new RunCancelled('Cancelled.'));
      };
      const isMade = await product.make({}, { boundary, signal: stop.signal }).then(
        () => true,
        () => false,
      );
      if (isMade) await expectWhole(product);
      else await expectBack(product);
    }
  });

  test('is seen by a scan where its row says', async () => {
    await product.fill(photo);
    const run = await newRun(product.db);
    await expect(product.make({}, { boundary: cutting(['directory renamed', 1]) }, run)).rejects.toBe(cut);
    await product.scan(product.batches.id);
    await product.stop();
    expect(await product.states()).toMatchObject(
      Object.fromEntries(photo.map((path) => [`batches/batch_001/${path}`, 'BATCHED'])),
    );
    await product.make({}, {}, run);
    expect(contents(product)).toEqual(inBatch());
  });
});

test('a retry of a run goes on with no batch that another one undoes, nor the other way round', async () => {
  await product.fill(photo);
  const run = await newRun(product.db);
  await expect(product.make({}, { boundary: cutting(['files moved', 1]) }, run)).rejects.toBe(cut);
  const [id] = (await product.rowsOf<{ id: number }>('select id from console.batch')).map((row) => row.id);
  const settle = await newRun(product.db, 'files.settle_batches');
  await expect(product.undo(id as number, {}, settle)).rejects.toThrow('Another run works on the files of batch_001');
  await cancelRun(product.db, run);
  const retry = async (step: string) => {
    if (step !== 'directory withdrawn' && step !== 'files returned') return;
    await product.rowsOf(`update console.run set outcome = null, finished_at = null where id = '${run}'`);
    expect(await product.make({}, {}, run)).toMatchObject({ created: false, reason: 'blocked' });
  };
  expect(await product.undo(id as number, { boundary: retry }, settle)).toMatchObject({ undone: true, returned: 3 });
  await expectBack(product);
  expect(await product.make({}, {}, run)).toMatchObject({ created: true, batch_name: 'batch_002', file_count: 3 });
});

test('a batch that another run begins to undo is not finished', async () => {
  await product.fill(photo);
  const run = await newRun(product.db);
  const settle = await newRun(product.db, 'files.settle_batches');
  const boundary = async (step: string) => {
    if (step !== 'files noted') return;
    await product.rowsOf(`update console.batch set undone_by = '${settle}'`);
  };
  await expect(product.make({}, { boundary }, run)).rejects.toThrow('Another run undoes batch_001');
  const [id] = (await product.rowsOf<{ id: number }>('select id from console.batch')).map((row) => row.id);
  expect(await product.undo(id as number, {}, settle)).toMatchObject({ undone: true, returned: 3 });
  await expectBack(product);
});

test('an undo that is interrupted behind any step is finished by the next attempt', async () => {
  const { seen, boundary } = recording();
  await product.fill(photo);
  const probe = await product.make();
  await product.undo(probe.batch_id as number, { boundary });
  await expectBack(product);
  for (const at of seen) {
    await files.reset();
    product = await openBatches(files);
    await product.fill(photo);
    const id = (await product.make()).batch_id as number;
    const run = await newRun(product.db, 'files.undo_batch');
    await expect(product.undo(id, { boundary: cutting(at) }, run)).rejects.toBe(cut);
    expect([at, await product.undo(id, {}, run)]).toMatchObject([at, { undone: true }]);
    await expectBack(product);
  }
});
