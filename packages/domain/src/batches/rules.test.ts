import { batchStatuses } from '@at/contracts/vocabulary';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BatchNotFound, BatchRefused, moveBatch, undoRefusal } from './rules.ts';

let database: TestDatabase;
let db: Kysely<DB>;
let directory: number;

beforeAll(async () => {
  database = await createTestDatabase('plain');
  db = createDb(createPool({ connection: database.connectionString }));
  const { rows } = await sql<{ id: number }>`
    with root as (
      insert into console.file_root (name, path, marker, marker_inode) values ('a', '/a', gen_random_uuid(), 1) returning id
    ) insert into console.file_directory (root_id, name) select id, '' from root returning id
  `.execute(db);
  directory = rows[0]?.id as number;
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(() => sql`delete from console.batch`.execute(db));

const add = async (columns: Record<string, unknown> = {}): Promise<number> => {
  const row = {
    name: 'batch_001',
    file_count: 1,
    size_bytes: 1,
    manifest: '{"files": []}',
    settings: '{}',
    directory_id: directory,
    ready_at: new Date().toISOString(),
    ...columns,
  };
  const { id } = await db
    .withSchema('console')
    .insertInto('batch' as never)
    .values(row as never)
    .returning('id' as never)
    .executeTakeFirstOrThrow();
  return id as number;
};

const move = (id: number, to: (typeof batchStatuses)[number], more?: Parameters<typeof moveBatch>[3]) =>
  db.transaction().execute((trx) => moveBatch(trx, id, to, more));

describe('a batch', () => {
  test('goes from state to state, keeps when it did, and has a history', async () => {
    const id = await add();
    for (const to of ['SYNCING', 'SYNCED', 'SORTING'] as const) await move(id, to);
    await move(id, 'ERROR', { reason: '3 files have no place' });
    await expect(move(id, 'SYNCING')).rejects.toMatchObject({ allowed: ['SORTING'] });
    for (const to of ['SORTING', 'SORTED', 'CLEANED'] as const) await move(id, to);
    const { rows } = await sql`
      select status, reason, failed_in, synced_at is not null and sorted_at is not null and cleaned_at is not null as has_times
      from console.batch
    `.execute(db);
    expect(rows).toEqual([{ status: 'CLEANED', reason: null, failed_in: null, has_times: true }]);
    const { rows: history } = await sql<{ status: string; reason: string | null }>`
      select status, reason from console.batch_change order by id
    `.execute(db);
    expect(history.map(({ status }) => status).join(' ')).toBe(
      'PENDING SYNCING SYNCED SORTING ERROR SORTING SORTED CLEANED',
    );
    expect(history[4]?.reason).toBe('3 files have no place');
  });

  test('is sorted without a sync only if there is no device', async () => {
    const id = await add();
    const refused = await move(id, 'SORTING').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BatchRefused);
    expect(refused).toMatchObject({
      batch: { status: 'PENDING' },
      allowed: ['SYNCING'],
      message: 'The batch batch_001 is PENDING and cannot become SORTING. It can become SYNCING.',
    });
    expect(await move(id, 'SORTING', { hasDevice: false })).toMatchObject({ status: 'SORTING' });
  });

  test('whose files are still being moved gets no other state', async () => {
    const id = await add({ ready_at: null });
    for (const to of batchStatuses) await expect(move(id, to)).rejects.toThrow('still being moved');
    await expect(move(id + 1, 'SYNCING')).rejects.toThrow(BatchNotFound);
  });

  test('has a reason if it failed, and a manifest after its cleanup, by any client of the database', async () => {
    const id = await add({ status: 'SORTED' });
    for (const change of [
      sql`status = 'ERROR', failed_in = 'SORTING'`,
      sql`status = 'ERROR', reason = 'why'`,
      sql`status = 'CLEANED', cleaned_at = now(), manifest = '{}'`,
      sql`status = 'SYNCING', ready_at = null`,
      sql`status = 'DONE'`,
      sql`name = '0123'`,
    ])
      await expect(sql`update console.batch set ${change} where id = ${id}`.execute(db)).rejects.toThrow(
        /violates check/,
      );
  });
});

test.each([
  ['PENDING', true, null],
  ['ERROR', true, null],
  ['PENDING', false, 'Its files are being moved. Wait until its run has ended.'],
  ['SYNCING', true, 'A run works on it. Cancel that first.'],
  ['SORTED', true, 'Its files are in the archive. Undo the run that sorted it.'],
  ['CLEANED', true, 'Its files are in the archive. Undo the run that sorted it.'],
  ['CLEANED', false, 'It is undone already.'],
] as const)('%s (in its place: %s) is undone, or says what to do: %s', (status, is_ready, refusal) => {
  expect(undoRefusal({ status, is_ready })).toBe(refusal);
});
