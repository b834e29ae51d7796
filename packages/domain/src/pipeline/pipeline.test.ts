import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jpeg, tag } from '@at/adapters/test/captures';
import { JobQueue } from '@at/runs/job-queue';
import { findRun } from '@at/runs/reports';
import { Runs } from '@at/runs/runs';
import { Worker } from '@at/runs/worker';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openFiles } from '../../test/files.ts';
import { makePlaces } from '../files/make-places.ts';
import { startUndo } from '../moves/starts.ts';
import { changeConfig } from '../pipeline-config/writes.ts';
import { tasks } from '../tasks.ts';
import { expiredPauses } from './pauses.ts';
import { startPipeline } from './starts.ts';
import type { StepOutput } from './tasks/step.ts';
import { startPipelineUndo } from './undo.ts';

const actor = { name: 'ann', verified: true };

async function opened(config: object = {}) {
  const product = await openFiles();
  const { base, db, database } = product;
  const connection = database.connectionString;
  const queue = new JobQueue({ connection }, { supervises: false, onError: console.error });
  const runs = new Runs(queue, {} as never, tasks);
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const ours = tasks.filter(({ name }) => name.startsWith('files.'));
  const worker = new Worker({
    database: { connection },
    tasks: ours,
    schedules: [],
    adapters: {} as never,
    log,
    version: '0',
  });
  worker.start();
  onTestFinished(async () => {
    await worker.stop();
    await queue.stop();
    await product.close();
  });
  const folders = {
    source: 'inbox',
    batch: 'batches',
    sorted: 'archive',
    duplicates: 'duplicates',
    quarantine: 'quarantine',
  };
  for (const folder of Object.values(folders)) mkdirSync(join(base, folder));
  const paths = Object.fromEntries(Object.entries(folders).map(([place, name]) => [`${place}_dir`, join(base, name)]));
  const configure = (part: object) =>
    db.transaction().execute((trx) => changeConfig(trx, { part: part as never, actor: 'ann' }));
  await configure({ paths, ...config });
  await makePlaces(db, {});
  const inbox = join(base, 'inbox');
  const transact = <T>(work: Parameters<ReturnType<typeof db.transaction>['execute']>[0]) =>
    db.transaction().execute(work) as Promise<T>;
  return {
    ...product,
    runs,
    inbox,
    configure,
    put: (path: string, at: string) =>
      product.put(join(inbox, path), jpeg({ main: { [tag.model]: path }, exif: { [tag.original]: at } })),
    start: () =>
      transact<{ id: string; joined: boolean }>((trx) => startPipeline(trx, runs, { trigger: 'manual', actor })),
    cancel: (id: string) => transact<void>((trx) => runs.cancel(trx, id, 'ann')),
    retry: (id: string) => transact<void>((trx) => runs.retry(trx, id)),
    approve: (id: string, step: string) => transact<void>((trx) => runs.approve(trx, id, step, 'ann')),
    /** The runs that the steps have started. */
    runsOf: async (id: string) =>
      ((await findRun(db, id))?.steps ?? []).flatMap(({ output }) => (output as StepOutput).runs.map((run) => run.id)),
    found: (id: string) => findRun(db, id),
    /** Undoes the moves of a run, and waits for it. */
    async undo(run: string) {
      const { id } = await transact<{ id: string }>((trx) => startUndo(trx, runs, { run }, actor));
      await expect.poll(async () => (await findRun(db, id))?.state, { interval: 50 }).toBe('completed');
    },
    undoAll: (id: string) => transact<{ id: string; files: number }>((trx) => startPipelineUndo(trx, runs, id, actor)),
    expire: () => expiredPauses().work(db, runs as never, new AbortController().signal),
    /** The states of the steps once the run is in one of these. */
    async reaches(id: string, ...states: string[]) {
      const state = async () => (await findRun(db, id))?.state as string;
      await expect.poll(state, { interval: 50 }).toMatch(new RegExp(`^(${states.join('|')})$`));
      const steps = (await findRun(db, id))?.steps ?? [];
      return Object.fromEntries(
        steps.map(({ ref, state, output, error }) => [
          ref,
          state === 'completed'
            ? (output as { result: string }).result
            : ((error as { message: string } | null)?.message ?? state),
        ]),
      );
    },
    /** Hashes of all files below a folder, by path. */
    contents(folder: string) {
      const entries = readdirSync(join(base, folder), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.at-'));
      return Object.fromEntries(
        files.map(({ parentPath, name }) => {
          const path = join(parentPath, name);
          return [
            path.slice(join(base, folder).length + 1),
            createHash('sha256').update(readFileSync(path)).digest('hex'),
          ];
        }),
      );
    },
  };
}

test('one run files what is in the inbox by its day, and each content is where the rows say', async () => {
  const { put, start, reaches, undo, runsOf, found, contents } = await opened();
  put('a/one.jpg', '2024:05:01 10:00:00');
  put('a/two.jpg', '2024:05:02 10:00:00');
  const before = Object.values(contents('inbox')).toSorted();
  const { id } = await start();
  expect(await start()).toMatchObject({ id, joined: true });
  expect(await reaches(id, 'completed', 'failed')).toEqual({
    scan: 'completed',
    batch: 'completed',
    sync: 'skipped',
    sort: 'completed',
    cleanup: 'completed',
  });
  expect(Object.keys(contents('archive')).toSorted()).toEqual(['2024/05/01/one.jpg', '2024/05/02/two.jpg']);
  expect(Object.values(contents('archive')).toSorted()).toEqual(before);
  expect([contents('inbox'), contents('batches')]).toEqual([{}, {}]);

  // The latest step has the progress of all of it.
  const started = await runsOf(id);
  const made = await found(started[1] as string);
  expect(made).toMatchObject({ subject_type: 'batch', subject_id: expect.stringMatching(/^\d+$/) });
  expect((await found(id))?.progress).toEqual({ done: started.length, unit: 'runs' });

  // Nothing is left to do.
  const again = await start();
  expect(again).toMatchObject({ joined: false });
  expect(await reaches(again.id, 'completed', 'failed')).toMatchObject({
    scan: 'completed',
    batch: 'skipped',
    sort: 'skipped',
  });

  // All of it can be undone, also after the cleanup.
  const [, batch, sort] = await runsOf(id);
  await undo(sort as string);
  expect(Object.keys(contents('batches')).toSorted()).toEqual(['batch_001/a/one.jpg', 'batch_001/a/two.jpg']);
  await undo(batch as string);
  expect(Object.keys(contents('inbox')).toSorted()).toEqual(['a/one.jpg', 'a/two.jpg']);
  expect(Object.values(contents('inbox')).toSorted()).toEqual(before);
  expect([contents('archive'), contents('batches')]).toEqual([{}, {}]);
});

test('with workflow.debug each step after the first waits for a person', async () => {
  const { put, start, reaches, approve, contents } = await opened({ workflow: { debug: true } });
  put('one.jpg', '2024:05:01 10:00:00');
  const { id } = await start();
  expect(await reaches(id, 'held')).toMatchObject({ scan: 'completed', batch: 'held' });
  expect(Object.keys(contents('inbox'))).toEqual(['one.jpg']);
  await approve(id, 'batch');
  await expect.poll(() => Object.keys(contents('batches')).length).toBeGreaterThan(0);
  expect(await reaches(id, 'held')).toMatchObject({ batch: 'completed', sync: 'held' });
});

test('a run that nobody continues in time ends between its steps, and a retry goes on with the next one', async () => {
  const { put, start, reaches, retry, expire, contents, db } = await opened({
    workflow: { debug: true, step_timeout_sec: 60 },
  });
  put('one.jpg', '2024:05:01 10:00:00');
  const { id } = await start();
  await reaches(id, 'held');
  await expire();
  expect(await reaches(id, 'held')).toMatchObject({ batch: 'held' });
  await sql`update console.step set finished_at = now() - interval '61 seconds' where ref = 'scan'`.execute(db);
  await expire();
  const ended = await reaches(id, 'timeout');
  expect(ended).toMatchObject({ scan: 'completed', sync: 'skipped' });
  expect(ended.batch).toMatch(/^Nobody continued the run within 60 s/);
  expect([contents('inbox'), contents('batches')]).toMatchObject([{ 'one.jpg': expect.any(String) }, {}]);
  await retry(id);
  expect(await reaches(id, 'held')).toMatchObject({ batch: 'completed', sync: 'held' });
  await expire();
  expect(await reaches(id, 'held')).toMatchObject({ sync: 'held' });
});

test('a run that was cancelled while it waited waits for a person as long as before once it is continued', async () => {
  const { put, start, reaches, retry, cancel, expire, db } = await opened({
    workflow: { debug: true, step_timeout_sec: 60 },
  });
  put('one.jpg', '2024:05:01 10:00:00');
  const { id } = await start();
  await reaches(id, 'held');
  await cancel(id);
  await reaches(id, 'cancelled');
  await sql`update console.step set finished_at = now() - interval '1 hour' where ref = 'scan'`.execute(db);
  await retry(id);
  await reaches(id, 'held');
  await expire();
  expect(await reaches(id, 'held', 'timeout')).toMatchObject({ batch: 'held' });
  await sql`update console.run set reopened_at = now() - interval '61 seconds' where id = ${id}`.execute(db);
  await expire();
  await reaches(id, 'timeout');
});

test('one undo brings back all that a run has moved, each file byte for byte, and says before it begins what holds it up', async () => {
  const { put, start, reaches, undoAll, contents, configure, base } = await opened();
  put('a/one.jpg', '2024:05:01 10:00:00');
  put('two.jpg', '2024:05:02 10:00:00');
  put('two again.jpg', '2024:05:02 10:00:00');
  writeFileSync(join(base, 'inbox/two again.jpg'), readFileSync(join(base, 'inbox/two.jpg')));
  const before = contents('inbox');
  const { id } = await start();
  await reaches(id, 'completed', 'failed');
  expect(Object.keys(contents('duplicates'))).toEqual(['two.jpg']);
  expect(Object.keys(contents('archive'))).toHaveLength(2);
  const undo = await undoAll(id);
  expect(await reaches(undo.id, 'completed', 'failed')).toEqual({ null: undefined });
  expect(contents('inbox')).toEqual(before);
  expect([contents('archive'), contents('batches'), contents('duplicates')]).toEqual([{}, {}, {}]);
  await expect(undoAll(id)).rejects.toThrow('All that can be undone is undone.');

  // A run whose batch another run has sorted.
  await configure({ paths: { sorted_dir: join(base, 'elsewhere') } });
  const failed = await start();
  await reaches(failed.id, 'failed');
  await expect(undoAll(undo.id)).rejects.toThrow(/No files were moved/);
  await configure({ paths: { sorted_dir: join(base, 'archive') } });
  const other = await start();
  await reaches(other.id, 'completed');
  await expect(undoAll(failed.id)).rejects.toThrow(/^The batch batch_002 is (SORTED|CLEANED)\. /);
  await reaches((await undoAll(other.id)).id, 'completed');
  await reaches((await undoAll(failed.id)).id, 'completed');
  expect(contents('inbox')).toEqual(before);
});

test('a step that fails says why; a retry begins with it', async () => {
  const { put, start, reaches, retry, configure, base, db, contents } = await opened();
  await configure({ paths: { sorted_dir: join(base, 'elsewhere') } });
  put('one.jpg', '2024:05:01 10:00:00');
  const { id } = await start();
  const failed = await reaches(id, 'failed');
  expect(failed).toMatchObject({ scan: 'completed', batch: 'completed' });
  expect(failed.sort).toMatch(/has no marker yet/);
  mkdirSync(join(base, 'elsewhere'));
  await makePlaces(db, {});
  await retry(id);
  expect(await reaches(id, 'completed', 'failed')).toMatchObject({ sort: 'completed', cleanup: 'completed' });
  expect(Object.keys(contents('elsewhere'))).toEqual(['2024/05/01/one.jpg']);
});

test('a batch that cannot be sorted holds up no other one', async () => {
  const { put, start, reaches, contents } = await opened({
    batch: { max_files: 1, allow_parallel: true },
    sorter: { exif_fallback: false },
  });
  put('a.jpg', '0000:00:00 00:00:00');
  put('b.jpg', '2024:05:01 10:00:00');
  const first = await start();
  expect((await reaches(first.id, 'failed')).sort).toMatch(/^batch_001: .*No capture date/);
  const second = await start();
  expect((await reaches(second.id, 'failed')).sort).toMatch(/^batch_001: .*No capture date[^:]*$/);
  expect(Object.keys(contents('archive'))).toEqual(['2024/05/01/b.jpg']);
});

test('a cancel reaches the run that works', async () => {
  const { start, cancel, reaches, db, session } = await opened();
  // Another process has the inbox.
  const other = session();
  onTestFinished(() => other.end());
  const { rows } = await sql<{ id: number }>`select id from console.file_root where name = 'Inbox'`.execute(db);
  await other.query(`select pg_advisory_lock(hashtextextended('console.file_root scan', ${rows[0]?.id})) , 1 as n`);
  const { id } = await start();
  const child = async () =>
    (
      await sql<{
        id: string;
        state: string;
      }>`select id, state from console.run_state where id in (select id from console.run where task = 'files.scan')`.execute(
        db,
      )
    ).rows[0];
  await expect.poll(async () => (await child())?.state, { interval: 50 }).toMatch(/retrying|running|queued/);
  await cancel(id);
  await reaches(id, 'cancelled');
  await expect.poll(async () => (await child())?.state, { interval: 50 }).toBe('cancelled');
});
