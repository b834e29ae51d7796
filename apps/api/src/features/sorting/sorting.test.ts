import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jpeg, tag } from '@at/adapters/test/captures';
import type { SortStarted, SortStatus, SortStep } from '@at/contracts/sorting';
import { sql } from 'kysely';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openArchive } from '#test/sample-sorting.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { startWorker } from '#test/worker.ts';

let app: TestApp;
let archive: Awaited<ReturnType<typeof openArchive>>;
beforeEach(async () => {
  app = await startTestApp({ template: 'plain', works: false, deps: () => ({ runPatience: 20_000 }) });
  archive = await openArchive(app);
  onTestFinished(async () => {
    await app.close();
    rmSync(archive.base, { recursive: true });
  });
});

const may = jpeg({ exif: { [tag.original]: '2019:05:03 23:30:05' } });
const june = jpeg({ exif: { [tag.original]: '2019:06:04 23:30:05' } });
const configure = async (body: object) => expect((await app.call('PUT', '//api/config', { body })).status).toBe(200);
const start = (key: string | number) =>
  app.call<SortStarted & { detail?: string }>('POST', `//api/sort/start/${key}`, {
    body: {},
    headers: { 'x-actor': 'Anna' },
  });
const status = async (key: string | number) => (await app.call<SortStatus>('GET', `//api/sort/status/${key}`)).body;
function work() {
  const worker = startWorker(app.config);
  onTestFinished(() => worker.stop());
}

test('a batch is sorted by its name, and the reply has the files and the run', async () => {
  const id = await archive.add('batch_001', { 'a.jpg': may, 'b.jpg': june });
  expect(await status('batch_001')).toMatchObject({
    batch_id: id,
    status: 'PENDING',
    total_files: 2,
    run_id: null,
    can_start: true,
    refusal: null,
    leaves_device: false,
  });
  work();
  const { status: code, body } = await start('batch_001');
  expect([code, body]).toEqual([
    200,
    {
      batch: 'batch_001',
      batch_id: id,
      status: 'SORTED',
      reason: null,
      total_files: 2,
      sorted_files: 2,
      skipped_files: 0,
      started: true,
      run_id: expect.any(String),
    },
  ]);
  expect(existsSync(join(archive.sorted_dir, '2019/05/03/a.jpg'))).toBe(true);
  const refusal = 'The batch batch_001 is SORTED and cannot become SORTING. It can become CLEANED.';
  expect(await status(id)).toMatchObject({
    status: 'SORTED',
    sorted_files: 2,
    run_id: body.run_id,
    can_start: false,
    refusal,
  });

  const again = await start(id);
  expect([again.status, again.body.detail]).toEqual([409, refusal]);
});

test('a step says how many files are not sorted and why, and sorting again does the rest', async () => {
  const id = await archive.add('batch_001', { 'a.jpg': may, 'none.jpg': jpeg() });
  await configure({ sorter: { exif_fallback: false } });
  work();
  const step = () => app.call<SortStep>('POST', `//api/workflow/sort/${id}`, { body: {} });
  const message = '1 of 2 files are not sorted: 1 x No capture date';
  expect((await step()).body).toMatchObject({
    status: 'warning',
    message,
    data: { status: 'ERROR', reason: message, sorted_files: 1, skipped_files: 1 },
  });
  await configure({ sorter: { exif_fallback: true } });
  expect(await step()).toMatchObject({
    status: 200,
    body: { status: 'completed', message: '2 of 2 files of batch_001 are sorted' },
  });
});

test('without a worker the run goes on: 202, and a second start joins it', async () => {
  const impatient = await startTestApp({ database: app.config.database as string, works: false });
  onTestFinished(() => impatient.close());
  const id = await archive.add('batch_001', { 'a.jpg': may });
  const { call } = impatient;
  const start = () => call<SortStarted>('POST', `//api/sort/start/${id}`, { body: {}, headers: { 'x-actor': 'Anna' } });
  const first = await start();
  expect(first).toMatchObject({ status: 202, body: { started: true, status: 'SORTING', sorted_files: 0 } });
  expect(await start()).toMatchObject({ status: 202, body: { started: false, run_id: first.body.run_id } });
  const { rows } = await sql`
    select actor from console.event where payload ->> 'action' = 'start-sort' and payload ->> 'run_id' = ${first.body.run_id}
  `.execute(app.db);
  expect(rows).toEqual([{ actor: 'Anna' }]);
});

test('a run that is cancelled leaves the batch with its reason, and a retry sorts it', async () => {
  const id = await archive.add('batch_001', { 'a.jpg': may });
  const waiting = start(id);
  await expect.poll(async () => (await status(id)).run_id).not.toBeNull();
  const { run_id } = await status(id);
  expect((await app.call('POST', `/api/runs/${run_id}/cancel`, { body: {} })).status).toBeLessThan(300);
  expect(await waiting).toMatchObject({
    status: 200,
    body: { status: 'ERROR', reason: 'The run ended early. Sort it again.' },
  });
  work();
  expect(await start(id)).toMatchObject({ status: 200, body: { status: 'SORTED', started: true } });
});

test('with a device only a batch that it has is sorted, and only once after_sync is chosen', async () => {
  const id = await archive.add('batch_001', { 'a.jpg': may });
  await configure({ syncthing: { folder_id: 'batches' } });
  const early = await start(id);
  expect([early.status, early.body.detail]).toEqual([
    409,
    'The batch batch_001 is PENDING and cannot become SORTING. It can become SYNCING.',
  ]);

  await sql`update console.batch set status = 'SYNCED'`.execute(app.db);
  await sql`update console.batch_file set state = 'SYNCED', confirmed_at = now()`.execute(app.db);
  await sql`update console.file set status = 'SYNCED'`.execute(app.db);
  const ask = await start(id);
  expect([ask.status, ask.body.detail]).toEqual([409, expect.stringContaining('Choose syncthing.after_sync first')]);
  expect(await status(id)).toMatchObject({ status: 'SYNCED', can_start: false, refusal: ask.body.detail });

  await configure({ syncthing: { after_sync: 'remove' }, sorter: { transfer_mode: 'move' } });
  expect(await status(id)).toMatchObject({ can_start: true, leaves_device: true });
  work();
  expect(await start(id)).toMatchObject({ status: 200, body: { status: 'SORTED', sorted_files: 1 } });
});

test('without an archive, and for an unknown batch, the reply says so', async () => {
  const id = await archive.add('batch_001', { 'a.jpg': may });
  await configure({ paths: { sorted_dir: '' } });
  const { status: code, body } = await start(id);
  expect([code, body.detail]).toEqual([409, 'paths.sorted_dir is not set. Set it in the configuration first.']);
  expect((await status(id)).status).toBe('PENDING');
  for (const key of ['batch_007', '7', '99999999999999999999'])
    expect([(await start(key)).status, (await app.call('GET', `//api/sort/status/${key}`)).status]).toEqual([404, 404]);
});
