import { randomUUID } from 'node:crypto';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase, emptyTables, type TestDatabase } from '@at/db/testing';
import { JobQueue } from '@at/runs/job-queue';
import { Runs } from '@at/runs/runs';
import { endAndAdvance, sendAgain } from '@at/runs/send';
import { defineTask } from '@at/runs/task';
import { type Kysely, sql } from 'kysely';
import { Type } from 'typebox';
import { beforeAll, beforeEach, expect, test } from 'vitest';

/** What the view and the triggers make of items and their runs, whichever process ends them. */

let database: TestDatabase;
let db: Kysely<DB>;
let queue: JobQueue;
let runs: Runs<unknown>;
beforeAll(async () => {
  database = await createTestDatabase('plain');
  db = createDb(createPool({ connection: database.connectionString }));
  queue = new JobQueue({ connection: database.connectionString }, { supervises: false, onError: console.error });
  runs = new Runs(queue, {});
  return async () => {
    await queue.stop();
    await db.destroy();
    await database.drop();
  };
});
beforeEach(async () => {
  await emptyTables(db, 'console.run', 'console.job', 'console.queue_item');
});

const moved = { movie_code: 'ABC-123', metadata_json: '{}', new_path: '/library/a.mp4' };
const published = { ...moved, published_at: new Date(0).toISOString() };

async function insert(facts: object = {}): Promise<number> {
  const row = { file_path: '/watch/ABC-123 a.mp4', file: '{}', ...facts };
  const { id } = await db.insertInto('console.queue_item').values(row).returning('id').executeTakeFirstOrThrow();
  return id as unknown as number;
}

const actor = { name: 'ann', verified: true };
const itemTask = defineTask<unknown, ReturnType<typeof Type.Object>>({
  name: 'item.step',
  title: 'A step',
  queue: 'short',
  params: Type.Object({}),
  retries: [60],
  timeout: 60,
  run: async () => {},
});

async function start(id: number, refs: string[]): Promise<string> {
  const steps = refs.map((ref, i) => ({ ref, task: itemTask, params: {}, after: refs.slice(0, i).slice(-1) }));
  const subject = { type: 'queue_item', id: String(id) };
  const starter = { trigger: 'manual', actor } as const;
  const plan = { name: 'item.process', params: {}, steps, exclusive: 'refuse' } as const;
  return (await db.transaction().execute((trx) => runs.startPlan(trx, plan, { starter, subject }))).id;
}

const stepOf = async (run: string, ref: string) =>
  (
    await db
      .selectFrom('console.step')
      .select('id')
      .where('run_id', '=', run)
      .where('ref', '=', ref)
      .executeTakeFirstOrThrow()
  ).id;

const begin = (run: string, ref: string) =>
  sql`update console.step set started_at = now() where run_id = ${run} and ref = ${ref}`.execute(db);

async function end(
  run: string,
  ref: string,
  outcome: 'completed' | 'failed',
  message?: string,
  code?: string,
): Promise<void> {
  const step = await stepOf(run, ref);
  const error = message === undefined ? undefined : { type: 'Error', message, code };
  await db.transaction().execute((trx) => endAndAdvance(trx, { queue, tasks: new Map() }, step, outcome, { error }));
}

async function failOnce(run: string, ref: string, message: string, code?: string): Promise<void> {
  const step = await stepOf(run, ref);
  const failure = { attempt: 'failed', error: { type: 'Error', message, code }, isFailure: true } as const;
  await db.transaction().execute((trx) => sendAgain(trx, queue, step, failure, 60));
}

const look = (id: number) =>
  db.selectFrom('console.queue_item_state').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

const steps = ['extract', 'metadata', 'move', 'publish'];

test('an item without a run has the status of its facts, and says which step comes next', async () => {
  const cases: [facts: object, status: string, next: string | null][] = [
    [{}, 'pending', 'extract'],
    [{ movie_code: 'ABC-123' }, 'pending', 'metadata'],
    [{ movie_code: 'ABC-123', metadata_json: '{}' }, 'pending', 'move'],
    [moved, 'moved', 'publish'],
    [published, 'completed', null],
  ];
  for (const [facts, status, next_step] of cases) {
    const id = await insert(facts);
    expect(await look(id)).toMatchObject({ status, next_step, is_active: false, error_message: null, retry_count: 0 });
    await db.deleteFrom('console.queue_item').execute();
  }
});

test('an item goes through its statuses with the steps of its run', async () => {
  const id = await insert();
  const run = await start(id, steps);
  expect(await look(id)).toMatchObject({ status: 'pending', is_active: true, run_id: run, next_step: null });
  await begin(run, 'extract');
  expect(await look(id)).toMatchObject({ status: 'processing' });
  await end(run, 'extract', 'completed');
  await end(run, 'metadata', 'completed');
  await db.updateTable('console.queue_item').set(moved).execute();
  await end(run, 'move', 'completed');
  expect(await look(id)).toMatchObject({ status: 'moved', is_active: true });
  await begin(run, 'publish');
  expect(await look(id)).toMatchObject({ status: 'emby_pending' });
  await db.updateTable('console.queue_item').set(published).execute();
  await end(run, 'publish', 'completed');
  expect(await look(id)).toMatchObject({ status: 'completed', is_active: false });
});

test('a step that failed is an error, while it waits for its next attempt and when none follows', async () => {
  const id = await insert();
  const run = await start(id, ['extract', 'metadata']);
  await end(run, 'extract', 'completed');
  await failOnce(run, 'metadata', 'The provider is unreachable.');
  const waiting = await look(id);
  expect(waiting).toMatchObject({
    status: 'error',
    failed_step: 'metadata',
    error_message: 'The provider is unreachable.',
    is_active: true,
    retry_count: 1,
    next_retry_at: expect.any(String),
  });
  await end(run, 'metadata', 'failed', 'The provider is unreachable.');
  expect(await look(id)).toMatchObject({
    status: 'error',
    error_fingerprint: waiting.error_fingerprint,
    is_active: false,
    failed_run_id: run,
    retry_count: 1,
    next_retry_at: null,
  });
});

test('a failure stays until its step has completed, also when other runs end and when its run is deleted', async () => {
  const id = await insert();
  const first = await start(id, ['extract', 'metadata']);
  await end(first, 'extract', 'completed');
  await end(first, 'metadata', 'failed', 'No metadata for ABC-123.');
  const second = await start(id, ['extract']);
  expect(await look(id)).toMatchObject({ status: 'pending', run_id: second });
  await end(second, 'extract', 'completed');
  expect(await look(id)).toMatchObject({ status: 'error', failed_step: 'metadata', failed_run_id: first });
  await db.deleteFrom('console.run').execute();
  expect(await look(id)).toMatchObject({ status: 'error', error_message: 'No metadata for ABC-123.' });
  const third = await start(id, ['metadata']);
  await end(third, 'metadata', 'completed');
  expect(await look(id)).toMatchObject({ status: 'pending', failed_step: null, error_message: null, retry_count: 0 });
});

test('a cancelled run is an error that names who did it, and a run that is continued is active again', async () => {
  const id = await insert();
  const run = await start(id, ['extract', 'metadata']);
  await end(run, 'extract', 'completed');
  await db.transaction().execute((trx) => runs.cancel(trx, run, 'ann'));
  expect(await look(id)).toMatchObject({
    status: 'error',
    failed_step: 'metadata',
    error_message: 'Cancelled by ann.',
    error_code: 'cancelled',
  });
  await db.transaction().execute((trx) => runs.retry(trx, run));
  expect(await look(id)).toMatchObject({ status: 'pending', is_active: true, run_id: run });
});

test('failures with the same cause have the same fingerprint for every name of an item', async () => {
  const fingerprints: (string | null)[] = [];
  for (const [code, message] of [
    ['ABC-123', 'The provider does not know ABC-123.'],
    ['XY-7', 'The provider does not know XY-7.'],
    ['QQ-1', '/watch/QQ-1 my film.mp4 was changed after 17 s.'],
    ['ZZ-44', '/watch/ZZ-44 my film.mp4 was changed after 400 s.'],
  ] as const) {
    const id = await insert({ file_path: `/watch/${code} my film.mp4`, movie_code: code });
    await end(await start(id, ['metadata']), 'metadata', 'failed', message);
    fingerprints.push((await look(id)).error_fingerprint);
  }
  const [one, same, other, alike] = fingerprints;
  expect([one, other]).toEqual([same, alike]);
  expect(one).not.toBe(other);
});

test('a failure has its code, in its item too; one that was stored without a code has that of its message', async () => {
  const codes = async (...failures: { message: string; code?: string }[]) => {
    const found: (string | null)[] = [];
    for (const failure of failures) {
      const id = await insert({ file_path: `/watch/${randomUUID()}.mp4` });
      const run = await start(id, ['metadata']);
      await failOnce(run, 'metadata', failure.message, failure.code);
      const waiting = (await look(id)).error_code;
      await end(run, 'metadata', 'failed', failure.message, failure.code);
      expect((await look(id)).error_code).toBe(waiting);
      found.push(waiting);
    }
    return found;
  };
  expect(await codes({ code: 'limited', message: 'The disk is full.' })).toEqual(['limited']);
  expect(
    await codes(
      { message: 'The name of the file has no code. Set the code by hand, or rename the file and drop it again.' },
      { message: 'The provider does not know NOSUCH-1.' },
      { message: 'The item has no metadata. Fetch metadata first (fetch-metadata).' },
      { message: 'The file is not in the library. Rename and move it first (rename-file).' },
      { message: 'The file is no longer in its place.' },
      { message: 'The file has changed since it was found. The queue takes it again once it rests.' },
      { message: 'The media server shows other values than were written: Overview.' },
      { message: 'The media server has not found the file. Check that it has the library, and MEDIA_SERVER_PATH.' },
      { message: 'The provider refuses the token (401). Check QUEUE_PROVIDER_TOKEN.' },
      { message: 'The media server is unreachable.' },
      { message: 'No space is left in /library (ENOSPC). Free some; the file is still in its place.' },
      { message: 'Something new.' },
    ),
  ).toEqual([
    'code_missing',
    'code_unknown',
    'metadata_missing',
    'not_in_library',
    'file_gone',
    'file_changed',
    'server_differs',
    'server_lacks_file',
    'refused',
    'unreachable',
    'disk_full',
    'unexpected',
  ]);
});

test('every statement that changes items is an event, by any client', async () => {
  await sql`delete from console.event where false`.execute(db);
  const { rows: before } = await sql<{ seq: string }>`select coalesce(max(seq), 0) as seq from console.event`.execute(
    db,
  );
  await insert();
  await db.updateTable('console.queue_item').set({ movie_code: 'A-1' }).execute();
  await db.updateTable('console.queue_item').set({ movie_code: 'A-1' }).where('id', '=', -1).execute();
  await db.deleteFrom('console.queue_item').execute();
  const { rows } = await sql`
    select payload ->> 'operation' as operation from console.event
    where type = 'queue.changed' and seq > ${before[0]?.seq} order by seq
  `.execute(db);
  expect(rows).toEqual([{ operation: 'insert' }, { operation: 'update' }, { operation: 'delete' }]);
});
