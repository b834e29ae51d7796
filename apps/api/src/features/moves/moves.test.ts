import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Activity } from '@at/contracts/activity';
import type { FilesCleaned, MovesUndoing } from '@at/contracts/moves';
import type { Problem } from '@at/contracts/problem';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFolders } from '#test/sample-moves.ts';
import { insertRun } from '#test/sample-runs.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';
import { startWorker } from '#test/worker.ts';

/** The moves of a run are an entry of the activity, and are undone by another run, which says what stays. */

let app: TestApp;
let folders: Awaited<ReturnType<typeof openFolders>>;
beforeAll(async () => {
  app = await startTestApp({ deps: () => ({ runPatience: 30_000 }) });
  folders = await openFolders(app.db);
  const worker = startWorker(app.config);
  return async () => worker.stop();
});
afterAll(async () => {
  await app.close();
  folders.close();
});

const undo = (run: string, body: object = {}) =>
  app.call<MovesUndoing & Partial<Pick<Problem, 'detail'>>>('POST', `/api/journal/${run}/undo`, {
    body,
    headers: { 'x-actor': 'Anna' },
  });
type Output = { undone: number; kept: number; kept_files: { file: string; reason: string }[] };
async function outputOf(run: string): Promise<Output> {
  const read = async () =>
    (
      await sql<{ outcome: string; output: Output }>`
      select r.outcome, s.output from console.run r join console.step s on s.run_id = r.id where r.id = ${run}
    `.execute(app.db)
    ).rows[0];
  await expect.poll(async () => (await read())?.outcome, { timeout: 20_000 }).toBe('completed');
  return (await read())?.output as Output;
}
const names = (path: string) =>
  readdirSync(path)
    .filter((name) => !name.startsWith('.at-'))
    .toSorted();
/** A run that has moved files, and has ended. */
async function moved(files: string[], more = {}): Promise<{ run: string; moves: number[] }> {
  const run = await insertRun(app.db, { requested_by: 'Bob' });
  const moves = await folders.move(run, files, more);
  await sql`update console.run set outcome = 'completed', finished_at = now() where id = ${run}`.execute(app.db);
  return { run, moves };
}
const acts = async () =>
  (await app.call<{ data: Activity[] }>('GET', '/activity?type=queue.changed')).body.data.flatMap(({ actor, file }) =>
    file ? { actor, ...file } : [],
  );

test('a run of moves is one entry of the activity, and its undo brings back what was not changed since', async () => {
  const { run } = await moved(['a.jpg', 'b.jpg', 'c.jpg']);
  expect(await acts()).toMatchObject([{ actor: 'Bob', action: 'moved', run_id: run, count: 3, undo: 'possible' }]);
  appendFileSync(join(folders.archive.path, 'b.jpg'), ' and more');
  writeFileSync(join(folders.inbox.path, 'c.jpg'), 'another file');
  const { status, body } = await undo(run);
  expect([status, body]).toMatchObject([202, { files: 3, message: '3 files are being moved back' }]);
  expect(await outputOf(body.run_id)).toEqual({
    undone: 2,
    kept: 1,
    kept_files: [
      {
        move: expect.any(Number),
        file: join(folders.archive.path, 'b.jpg'),
        reason: expect.stringContaining('changed by another program'),
      },
    ],
  });
  expect([names(folders.inbox.path), names(folders.archive.path)]).toEqual([
    ['a.jpg', 'c (1).jpg', 'c.jpg'],
    ['b.jpg'],
  ]);
  expect(await acts()).toMatchObject([
    { actor: 'Anna', action: 'moved-back', run_id: body.run_id, count: 2, undo: null },
    { actor: 'Anna', action: 'undo-moves', run_id: body.run_id },
    { action: 'moved', run_id: run, undo: 'possible' },
  ]);
});

test('one move of a run is undone alone, then there is nothing left but the others', async () => {
  const { run, moves } = await moved(['d.jpg', 'e.jpg']);
  const one = await undo(run, { move: moves[0] });
  expect(one.body).toMatchObject({ files: 1 });
  expect(await outputOf(one.body.run_id)).toMatchObject({ undone: 1, kept: 0 });
  expect(names(folders.archive.path)).toEqual(expect.arrayContaining(['e.jpg']));
  expect((await undo(run, { move: moves[0] })).body).toMatchObject({
    detail: 'All that can be undone is undone.',
  });
  const rest = await undo(run);
  expect(await outputOf(rest.body.run_id)).toMatchObject({ undone: 1 });
  expect(await acts()).toMatchObject([...Array(4).fill({}), { run_id: run, undo: 'done' }, ...Array(3).fill({})]);
});

test('what has moved nothing, goes on or has made a batch is not undone, and says why', async () => {
  const { run, moves } = await moved(['f.jpg']);
  const nothing = await insertRun(app.db, { outcome: 'completed' });
  const goesOn = await insertRun(app.db);
  await folders.move(goesOn, ['g.jpg']);
  const made = await moved(['h.jpg']);
  await sql`
    with directory as (
      insert into console.file_directory (root_id, parent_id, name)
      values (${folders.archive.root}, ${folders.archive.directory}, 'batch_001') returning id
    )
    insert into console.batch (name, status, ready_at, file_count, size_bytes, manifest, settings, directory_id, made_by)
    select 'batch_001', 'SYNCING', now(), 1, 1, '{"files": []}', '{}', id, ${made.run} from directory
  `.execute(app.db);
  const replies = [];
  for (const [of, body] of [
    [nothing],
    [run, { move: 987_654 }],
    [nothing, { move: moves[0] }],
    [goesOn],
    [made.run],
    [made.run, { move: made.moves[0] }],
  ] as const) {
    const { status, body: problem } = await undo(of, body);
    replies.push([status, problem.detail]);
  }
  expect(replies).toEqual([
    [404, expect.stringContaining('No files were moved')],
    [404, expect.stringContaining('by the move 987654')],
    [404, expect.stringContaining('No files were moved')],
    [409, expect.stringContaining('goes on')],
    [409, expect.stringContaining('batch_001 is SYNCING and cannot be undone')],
    [409, expect.stringContaining('is in the batch batch_001')],
  ]);
  await sql`update console.batch set status = 'PENDING'`.execute(app.db);
  const { body } = await undo(made.run);
  const { rows } = await sql`select task from console.run where id = ${body.run_id}`.execute(app.db);
  expect(rows).toEqual([{ task: 'files.undo_batch' }]);
  // It has the folders to itself until it ends.
  await outputOf(body.run_id);
});

test('the undo of a sort lets the batch be sorted again', async () => {
  const { rows } = await sql<{ id: number }>`
    insert into console.batch (name, file_count, size_bytes, manifest, settings, directory_id, status, ready_at, sorted_at)
    select 'batch_002', 1, 1, '{"files": []}', '{}', id, 'SORTED', now(), now() from console.file_directory where id = ${folders.inbox.directory}
    returning id
  `.execute(app.db);
  const batch = rows[0]?.id as number;
  const run = await insertRun(app.db);
  const [move] = await folders.move(run, ['i.jpg'], { status: 'SORTED', batch });
  // Its file was in the batch.
  await sql`update console.move set old_status = 'BATCHED', old_batch_id = ${batch} where id = ${move}`.execute(app.db);
  await sql`
    update console.file set status = 'SORTED', batch_id = ${batch} where id = (select file_id from console.move where id = ${move})
  `.execute(app.db);
  await sql`
    insert into console.batch_file (batch_id, position, file_id, companions, source, path, size, mtime_ns, state)
    select ${batch}, 0, file_id, 0, 'i.jpg', 'i.jpg', size, mtime_ns, 'SORTED' from console.move where id = ${move}
  `.execute(app.db);
  await sql`update console.run set outcome = 'completed', finished_at = now() where id = ${run}`.execute(app.db);
  const { body } = await undo(run);
  await outputOf(body.run_id);
  const { rows: after } = await sql`
    select b.status, b.failed_in, f.status as file from console.batch b join console.file f on f.batch_id = b.id where b.id = ${batch}
  `.execute(app.db);
  expect(after).toEqual([{ status: 'ERROR', failed_in: 'SORTING', file: 'BATCHED' }]);
});

test('a cleanup deletes what was removed long ago, counts it before, and names what it leaves alone', async () => {
  const run = await insertRun(app.db);
  const quarantine = join(folders.inbox.path, '.at-quarantine');
  const { rows } = await sql<{ id: number }>`
    insert into console.file_directory (root_id, parent_id, name) values (${folders.inbox.root}, ${folders.inbox.directory}, '.at-quarantine')
    returning id
  `.execute(app.db);
  await folders.move(run, ['j.jpg', 'k.jpg'], { action: 'quarantine', directory: rows[0]?.id as number });
  await sql`update console.move set ended_at = now() - interval '31 days' where run_id = ${run}`.execute(app.db);
  appendFileSync(join(quarantine, 'k.jpg'), ' and more');
  const strange = join(folders.archive.path, `.at-${crypto.randomUUID()}.part`);
  writeFileSync(strange, '');
  const left_alone = [
    { path: strange, reason: 'No move that is known has made it.' },
    { path: join(quarantine, 'k.jpg'), reason: 'It is not the file that was removed.' },
  ];
  const nothing = {
    removed_batch_dirs: 0,
    deleted_temp_files: 0,
    forgotten_batches: 0,
    forgotten_files: 0,
    rotated_logs: 0,
  };
  const clean = (body: object) => app.call<FilesCleaned>('POST', '/api/cleanup/run', { body });
  const rehearsal = await clean({ dry_run: true });
  expect(rehearsal).toMatchObject({ status: 200, body: { ...nothing, dry_run: true, purged_files: 2 } });
  expect(readdirSync(quarantine).toSorted()).toEqual(['j.jpg', 'k.jpg']);
  const noted = async () => (await acts()).filter(({ action }) => action === 'start-cleanup');
  expect(await noted()).toEqual([]);
  const cleaned = await clean({});
  expect(await noted()).toMatchObject([{ run_id: cleaned.body.run_id, task: 'files.cleanup' }]);
  expect(cleaned).toMatchObject({ status: 200, body: { ...nothing, dry_run: false, purged_files: 1, left_alone } });
  expect(readdirSync(quarantine)).toEqual(['k.jpg']);
});
