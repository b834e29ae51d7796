import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TreeWatch } from '@at/adapters/tree-watch';
import { JobQueue } from '@at/runs/job-queue';
import { Runs } from '@at/runs/runs';
import { fireSchedules, saveTimetables } from '@at/runs/schedules';
import { sql } from 'kysely';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openFiles } from '../../test/files.ts';
import { makePlaces } from '../files/make-places.ts';
import { findPlaces } from '../files/places.ts';
import type { Root } from '../files/queries.ts';
import { moveGroups } from '../moves/journal.ts';
import { topOf } from '../moves/queries.ts';
import { undoMoves } from '../moves/undo.ts';
import { changeConfig } from '../pipeline-config/writes.ts';
import { pipelineTimetable, startPipeline } from './starts.ts';
import { InboxWatch } from './watch.ts';

// Runs that nobody starts: by the clock, and when files arrive.

async function opened(config: object) {
  const product = await openFiles();
  const { base, db, database } = product;
  const queue = new JobQueue({ connection: database.connectionString }, { supervises: false, onError: console.error });
  const runs = new Runs(queue, {});
  onTestFinished(async () => {
    await queue.stop();
    await product.close();
  });
  for (const name of ['inbox', 'batches']) mkdirSync(join(base, name));
  const paths = { source_dir: join(base, 'inbox'), batch_dir: join(base, 'batches') };
  const configure = (part: object) =>
    db.transaction().execute((trx) => changeConfig(trx, { part: part as never, actor: 'ann' }));
  await configure({ paths, ...config });
  await makePlaces(db, {});
  const rowsOf = async (query: ReturnType<typeof sql>) => (await query.execute(db)).rows;
  return {
    ...product,
    queue,
    runs,
    inbox: join(base, 'inbox'),
    configure,
    rowsOf,
    /** The runs of the pipeline, without what their steps have started. */
    started: () =>
      rowsOf(
        sql`select trigger, coalesce(requested_by, schedule) as by from console.run where task = 'files.run' order by created_at`,
      ),
    endRuns: () =>
      sql`update console.run set outcome = 'completed', finished_at = now() where finished_at is null`.execute(db),
  };
}

test('each time of the schedule is one run of the pipeline, and a changed schedule counts at once', async () => {
  const { db, queue, runs, configure, rowsOf, started } = await opened({
    schedule: { enabled: true, cron: '0 3 * * *', timezone: 'Europe/Berlin' },
  });
  const pass = async () => {
    await saveTimetables(db, queue, [pipelineTimetable()]);
    await fireSchedules(db, queue, runs, new Map(), [pipelineTimetable()]);
  };
  const schedules = () =>
    rowsOf(sql`select cron, time_zone, next_fire_at > now() as waits, problem from console.run_schedule`);
  const setBack = () =>
    sql`update console.run_schedule set next_fire_at = next_fire_at - interval '3 days'`.execute(db);
  await pass();
  expect(await schedules()).toEqual([{ cron: '0 3 * * *', time_zone: 'Europe/Berlin', waits: true, problem: null }]);
  expect(await started()).toEqual([]);

  await setBack();
  await Promise.all([pass(), pass(), pass()]);
  expect(await started()).toEqual([{ trigger: 'cron', by: 'files.run' }]);

  await configure({ schedule: { cron: '15 4 * * 1' } });
  await pass();
  expect(await schedules()).toMatchObject([{ cron: '15 4 * * 1', waits: true }]);
  await configure({ schedule: { cron: '0 0 31 2 *' } });
  await pass();
  expect(await schedules()).toMatchObject([{ waits: null, problem: 'The times 0 0 31 2 * never come.' }]);
  await configure({ schedule: { cron: '0 3 * * *', enabled: false } });
  await pass();
  expect(await schedules()).toEqual([]);
  expect(await started()).toHaveLength(1);
});

async function watching(config: object = {}, tree: ConstructorParameters<typeof InboxWatch>[0]['tree'] = {}) {
  const product = await opened({ watch: { enabled: true, quiet_sec: 300 }, ...config });
  const { db, runs, rowsOf } = product;
  let clock = 0;
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const open = () => {
    const watch = new InboxWatch({ log, now: () => clock, tree });
    onTestFinished(() => watch.close());
    return watch;
  };
  const state = async () =>
    (
      await rowsOf(
        sql`select round(extract(epoch from due_at - seen_at))::integer as due, problem from console.file_watch`,
      )
    )[0] as {
      due: number | null;
      problem: string | null;
    };
  return {
    ...product,
    open,
    state,
    pass: (seconds: number) => {
      clock += seconds * 1_000;
    },
    /** Looks until so many seconds are left. */
    sees: (watch: InboxWatch, due: number | null) =>
      expect
        .poll(
          async () => {
            await watch.look(db, runs);
            return (await state())?.due;
          },
          { interval: 50 },
        )
        .toBe(due),
  };
}

test('files that arrive start one run once the inbox is quiet, however many workers see them', async () => {
  const { db, runs, inbox, open, pass, sees, started, endRuns } = await watching();
  const [one, other] = [open(), open()];
  await sees(one, null);
  await other.look(db, runs);
  mkdirSync(join(inbox, 'trip/day 1'), { recursive: true });
  writeFileSync(join(inbox, 'trip/day 1/a.jpg'), 'a');
  await sees(one, 300);
  pass(200);
  await one.look(db, runs);
  // Another change: the time begins again.
  writeFileSync(join(inbox, 'trip/day 1/b.jpg'), 'b');
  await sees(one, 300);
  pass(200);
  await one.look(db, runs);
  expect(await started()).toEqual([]);
  pass(101);
  await Promise.all([one.look(db, runs), other.look(db, runs)]);
  expect(await started()).toEqual([{ trigger: 'event', by: 'watcher' }]);
  await endRuns();
  // What leaves the inbox is no reason for a run, nor are names that a scan leaves out.
  rmSync(join(inbox, 'trip'), { recursive: true });
  writeFileSync(join(inbox, '.at-1.part'), '');
  writeFileSync(join(inbox, '.DS_Store'), '');
  await sees(one, null);
  pass(1_000);
  for (const watch of [one, other, one]) await watch.look(db, runs);
  expect(await started()).toHaveLength(1);
});

test('a change during a run is followed by another one', async () => {
  const { db, runs, inbox, open, pass, sees, started, endRuns } = await watching();
  const watch = open();
  await sees(watch, null);
  writeFileSync(join(inbox, 'a.jpg'), 'a');
  await sees(watch, 300);
  pass(301);
  await watch.look(db, runs);
  writeFileSync(join(inbox, 'b.jpg'), 'b');
  await sees(watch, 300);
  // The clock of the database goes on for as long as the test takes.
  await sql`update console.run set created_at = created_at - interval '1 hour'`.execute(db);
  pass(301);
  await watch.look(db, runs);
  expect(await started()).toHaveLength(1);
  await endRuns();
  await watch.look(db, runs);
  expect(await started()).toHaveLength(2);
});

test('what arrives while no worker watches is found when one begins, but not what was scanned', async () => {
  const { db, inbox, open, sees } = await watching();
  await sees(open(), null);
  writeFileSync(join(inbox, 'a.jpg'), 'a');
  await sees(open(), 300);
  const { source } = await findPlaces(db);
  await sql`
    insert into console.run (task, params, subject_type, subject_id, trigger, requested_by, outcome, finished_at)
    values ('files.scan', '{}', 'file_root', ${String(source?.id)}, 'event', 'ann', 'completed', now())
  `.execute(db);
  await sees(open(), null);
});

test('what a move has brought back is no arrival, and all else is, also during an undo', async () => {
  const { base, db, runs, inbox, put, scan, stop, rowsOf, open, sees, pass, started, endRuns } = await watching();
  const { source, batch } = (await findPlaces(db)) as { source: Root; batch: Root };
  const names = ['trip/day 1/a.jpg', 'b.jpg'];
  for (const name of names) put(join(inbox, name), name);
  await scan(source.id);
  await stop();
  const watch = open();
  await sees(watch, null);
  const run = async (outcome: string | null) => {
    const [made] = await rowsOf(sql`
      insert into console.run (task, params, trigger, requested_by, outcome, finished_at)
      values (${outcome ? 'files.batch' : 'files.undo'}, '{}', 'event', 'ann', ${outcome}, ${outcome && new Date()}) returning id`);
    return (made as { id: string }).id;
  };
  // A run that makes a batch, and takes it back.
  const id = await run('cancelled');
  const files = (await rowsOf(sql`select id, name from console.file order by id`)) as { id: number; name: Buffer }[];
  const directory = await topOf(db, batch.id);
  const plans = files.map(({ id: file, name }) => [{ file, name, directory }]);
  const onChange = vi.fn();
  const system = new TreeWatch({ root: source.path, ignored: [], onChange });
  onTestFinished(() => system.close());
  await system.look();
  await moveGroups({ db }, [source.id, batch.id], async () => plans, null);
  expect(readdirSync(join(base, 'batches')).toSorted()).toEqual(expect.arrayContaining(['a.jpg', 'b.jpg']));
  await sql`update console.move set run_id = ${id}::uuid`.execute(db);
  // Also before its rows say so.
  const boundary = async (step: string) => {
    if (step === 'moved') await sees(open(), null);
  };
  expect((await undoMoves({ db, boundary }, { run: id })).undone).toHaveLength(2);
  await expect.poll(() => onChange.mock.calls.length).toBeGreaterThan(0);
  await sees(watch, null);
  // A worker that begins.
  await sees(open(), null);

  await run(null);
  writeFileSync(join(inbox, 'trip/phone.jpg'), 'new');
  await sees(watch, 300);
  await sees(open(), 300);
  pass(301);
  await watch.look(db, runs);
  expect(await started()).toEqual([]);
  await endRuns();
  await sees(open(), 300);
  await watch.look(db, runs);
  expect(await started()).toHaveLength(1);

  // What is written again under the name of what came back.
  rmSync(join(inbox, 'trip/phone.jpg'));
  await sees(open(), null);
  rmSync(join(inbox, 'b.jpg'));
  put(join(inbox, 'b.jpg'), 'B.jpg');
  await sees(open(), 300);
});

test('the inbox is not read while a run has to end first', async () => {
  let isSilent = false;
  let watched = 0;
  const { watch: system } = await import('node:fs');
  const watchDirectory = ((directory: Buffer, options: object, listener: (...of: unknown[]) => void) => {
    watched += 1;
    return system(directory, options as never, (...of) => isSilent || listener(...of));
  }) as typeof system;
  const { db, runs, inbox, open, pass, sees, started, endRuns } = await watching({}, { watchDirectory });
  const watch = open();
  await sees(watch, null);
  await db
    .transaction()
    .execute((trx) => startPipeline(trx, runs, { trigger: 'manual', actor: { name: 'ann', verified: true } }));
  await sql`update console.run set created_at = created_at - interval '1 hour'`.execute(db);
  writeFileSync(join(inbox, 'a.jpg'), 'a');
  await sees(watch, 300);
  // Only a look at all folders finds this one.
  isSilent = true;
  mkdirSync(join(inbox, 'late'));
  pass(301);
  await watch.look(db, runs);
  expect(watched).toBe(1);
  await endRuns();
  await watch.look(db, runs);
  expect(watched).toBe(2);
  expect(await started()).toHaveLength(1);
  pass(301);
  await watch.look(db, runs);
  expect(await started()).toHaveLength(2);
});

test('a watch that the system refuses says what to do, and is tried again', async () => {
  let refuses = true;
  const { watch: system } = await import('node:fs');
  const watchDirectory = ((...of: Parameters<typeof system>) => {
    if (refuses) throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'watch' });
    return system(...of);
  }) as typeof system;
  const { db, runs, inbox, open, pass, sees, state } = await watching({}, { watchDirectory });
  const watch = open();
  await watch.look(db, runs);
  expect(await state()).toEqual({
    due: null,
    problem: `The system allows no more watches for ${inbox}, of which 0 folders were watched. Raise fs.inotify.max_user_watches on the machine of the worker.`,
  });
  refuses = false;
  pass(61);
  await sees(watch, null);
  expect((await state()).problem).toBe(null);

  mkdirSync(join(inbox, 'a'));
  const small = await watching({}, { most: 1 });
  mkdirSync(join(small.inbox, 'a'));
  await small.open().look(small.db, small.runs);
  expect((await small.state()).problem).toMatch(/more than 1 folders/);
});
