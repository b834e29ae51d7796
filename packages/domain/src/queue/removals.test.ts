import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { filesBelow, openQueue, type QueueProduct, starter } from '../../test/queue.ts';
import { actionsOn, facts, name, placed } from '../../test/queue-actions.ts';
import { trashPurge } from '../media/tasks/trash-purge.ts';
import { deleteOldRemovals } from './removals.ts';
import { removeItem, restoreItem, startFileRemoval } from './starts.ts';

/** Items that are removed, with or without their files, come back by an undo until the purge. */

let product: QueueProduct;
beforeAll(async () => {
  product = await openQueue();
  return () => product.close();
});
beforeEach(async () => {
  await product.reset();
  product.provider.facts.set('ABC-123', facts);
});

const { becomes, rests, within, start, restore, retry, completed } = actionsOn(() => product);

test('a removed row leaves its file, which is not taken again until it changes', async () => {
  product.provider.facts.clear();
  const path = product.drop(name);
  const id = await product.add(path);
  product.work();
  await rests(id);
  await within((trx) => removeItem(trx, product.runs, id, starter));
  expect([await product.look(id), existsSync(path)]).toEqual([undefined, true]);
  const ignored = await product.db.selectFrom('console.queue_ignored').select('file_path').execute();
  expect(ignored).toEqual([{ file_path: path }]);
});

test('a removed file lies in the trash of its folder under its path, and its row is gone; one that is gone too', async () => {
  const id = await completed();
  await within((trx) => startFileRemoval(trx, product.runs, id, { starter }));
  await expect.poll(() => product.look(id)).toBeUndefined();
  expect(filesBelow(product.folders.library)).toEqual([
    expect.stringMatching(/^\.trash\/[^/]+_[0-9a-f]{8}\/Ada Lumen\//),
  ]);
  const steps = await product.db.selectFrom('console.step').select('output').execute();
  expect(steps.map(({ output }) => output)).toContainEqual({
    path: join(product.folders.library, placed),
    trash: expect.stringContaining('.trash/'),
    entry: expect.stringMatching(/_[0-9a-f]{8}$/),
  });
  const gone = await completed('ABC-123 again.mkv');
  rmSync((await product.look(gone))?.new_path as string);
  await within((trx) => startFileRemoval(trx, product.runs, gone, { starter }));
  await expect.poll(() => product.look(gone)).toBeUndefined();
});

/** Deletes what is old in the trash. */
async function purge(): Promise<unknown[]> {
  const purged: unknown[] = [];
  const { db } = product;
  const finish = async (output: unknown) => void purged.push(output);
  const adapters = { files: { enabled: false, mode: 'trash', roots: {} }, queue: product.systems } as const;
  await trashPurge.run({}, { adapters, db, finish, log: { warn: () => {} } } as never);
  return purged;
}

/** Removes an item with its file. */
async function removedWithFile(id: number): Promise<void> {
  await within((trx) => startFileRemoval(trx, product.runs, id, { starter }));
  await expect.poll(() => product.look(id)).toBeUndefined();
}

test('the undo of a removal brings the row back as it was, and its file, which is published again', async () => {
  const id = await completed();
  const { run_id: _run, updated_at: _at, published_at: _published, ...before } = (await product.look(id)) ?? {};
  await removedWithFile(id);
  expect(await restore(id)).toMatchObject({ id: expect.any(String) });
  await expect(restore(id)).rejects.toThrow(/^The item is (being processed|in the queue)\./);
  await becomes(id, 'completed');
  expect(await product.look(id)).toMatchObject(before);
  expect(filesBelow(product.folders.library)).toEqual([placed]);
  expect(product.content(join(product.folders.library, placed))).toBe(name);
  await expect(restore(id)).rejects.toThrow('The item is in the queue.');
  await expect(restore(id + 1)).rejects.toThrow(`No item of the queue has the id ${id + 1}.`);
});

test('an undo replaces nothing: a file whose place is taken gets a number, and an item whose place is taken stays removed', async () => {
  const id = await product.add(product.drop('holiday.mkv', 'first'));
  product.work();
  await rests(id);
  const { file_path } = (await product.look(id)) ?? {};
  await removedWithFile(id);
  writeFileSync(file_path as string, 'second');
  await restore(id);
  await rests(id);
  const numbered = (file_path as string).replace('.mkv', ' (1).mkv');
  expect([product.content(file_path), product.content(numbered)]).toEqual(['second', 'first']);
  expect((await product.look(id))?.file_path).toBe(numbered);

  const done = await completed();
  await removedWithFile(done);
  const { file_path: found } = (await product.db
    .selectFrom('console.queue_removal')
    .select(sql<string>`item ->> 'file_path'`.as('file_path'))
    .where('item_id', '=', done)
    .executeTakeFirstOrThrow()) as { file_path: string };
  const other = await product.add(product.drop(name, 'another'));
  await rests(other);
  expect((await product.look(other))?.file_path).toBe(found);
  await expect(restore(done)).rejects.toThrow('Another item of the queue has its place by now.');
  expect(await product.look(done)).toBeUndefined();
});

test('an undo that was cancelled leaves the file in the trash as the place of the item: it is not purged, and can be removed and brought back', async () => {
  const id = await completed();
  await removedWithFile(id);
  const trash = join(product.folders.library, '.trash');
  const [entry] = readdirSync(trash) as [string];
  await within(async (trx) => {
    const run = await restoreItem(trx, product.runs, id, starter, product.systems);
    await product.runs.cancel(trx, run?.id as string, 'ann');
  });
  const file = join(trash, entry, placed);
  expect(await product.look(id)).toMatchObject({ status: 'error', failed_step: 'restore_file', new_path: file });
  const old = '2020-01-01T00-00-00.000Z_aaaaaaaa';
  renameSync(join(trash, entry), join(trash, old));
  const moved = file.replace(entry, old);
  await sql`update console.queue_item set new_path = ${moved} where id = ${id}`.execute(product.db);
  await sql`update console.queue_removal set entry = ${old}, trash = ${moved}, removed_at = now() - interval '8 days'`.execute(
    product.db,
  );
  expect([await deleteOldRemovals(product.db, 10), await purge()]).toEqual([0, [{ purged: 0 }]]);
  // Its row alone: the file stays where it is, for seven days more.
  await within((trx) => removeItem(trx, product.runs, id, starter));
  expect([await purge(), filesBelow(product.folders.library)]).toEqual([
    [{ purged: 0 }],
    [join('.trash', old, placed)],
  ]);
  await within(async (trx) => {
    const run = await restoreItem(trx, product.runs, id, starter, product.systems);
    await product.runs.cancel(trx, run?.id as string, 'ann');
  });
  await sql`update console.queue_removal set removed_at = now() - interval '8 days'`.execute(product.db);
  await removedWithFile(id);
  expect(filesBelow(product.folders.library)).toEqual([expect.not.stringContaining(old)]);
  // Its seven days begin again: only what is left of the old entry is purged.
  expect([await purge(), filesBelow(product.folders.library)]).toEqual([
    [{ purged: 1 }],
    [expect.stringMatching(`^\\.trash/[^/]+/${placed.replace(/[[\]]/g, '.')}$`)],
  ]);
  await restore(id);
  await becomes(id, 'completed');
  expect(filesBelow(product.folders.library)).toEqual([placed]);
});

test('an item whose file waits in the trash to come back keeps it when another file has its old path', async () => {
  const id = await completed();
  await removedWithFile(id);
  await within(async (trx) => {
    const run = await restoreItem(trx, product.runs, id, starter, product.systems);
    await product.runs.cancel(trx, run?.id as string, 'ann');
  });
  const before = await product.look(id);
  const path = product.drop(name, 'another film');
  await expect(product.add(path)).rejects.toThrow('has an item');
  expect(await product.look(id)).toEqual(before);
  await retry(id);
  await becomes(id, 'completed');
  expect(filesBelow(product.folders.library)).toEqual([placed]);
  // Now its path is free for the other one.
  expect(await product.add(path)).toBe(id);
});

test('an undone removal brings no failure of an earlier removal back', async () => {
  const id = await completed();
  await within(async (trx) => {
    const run = await startFileRemoval(trx, product.runs, id, { starter });
    await product.runs.cancel(trx, run.id, 'ann');
  });
  expect(await product.look(id)).toMatchObject({ status: 'error', failed_step: 'remove_file' });
  await removedWithFile(id);
  const { item } = await product.db.selectFrom('console.queue_removal').select('item').executeTakeFirstOrThrow();
  expect(item).toMatchObject({ failed_run_id: null, failed_step: null, error_message: null, retry_count: 0 });
  await restore(id);
  await becomes(id, 'completed');
  await within((trx) => removeItem(trx, product.runs, id, starter));
  await restore(id);
  expect(await product.look(id)).toMatchObject({ status: 'completed', failed_step: null });
});

test('what was purged cannot be brought back, and the purge leaves what was', async () => {
  const id = await completed();
  await removedWithFile(id);
  const trash = join(product.folders.library, '.trash');
  const [entry] = readdirSync(trash) as [string];
  const old = '2020-01-01T00-00-00.000Z_aaaaaaaa';
  renameSync(join(trash, entry), join(trash, old));
  await sql`update console.queue_removal set entry = ${old}, removed_at = now() - interval '8 days'`.execute(
    product.db,
  );
  expect(await purge()).toEqual([{ purged: 1 }]);
  await expect(restore(id)).rejects.toThrow(`No item of the queue has the id ${id}.`);
});

test('a removal whose entry cannot be purged can still be undone', async () => {
  const id = await completed();
  await removedWithFile(id);
  const trash = join(product.folders.library, '.trash');
  const [entry] = readdirSync(trash) as [string];
  const [first, old] = ['2020-01-01T00-00-00.000Z_aaaaaaaa', '2020-01-01T00-00-00.000Z_bbbbbbbb'] as const;
  renameSync(join(trash, entry), join(trash, old));
  mkdirSync(join(trash, first));
  await sql`insert into console.queue_removal (item_id, item, trash, entry) values (0, '{}', '/gone', ${first})`.execute(
    product.db,
  );
  await sql`update console.queue_removal set entry = ${old}, trash = replace(trash, ${entry}, ${old}) where item_id = ${id}`.execute(
    product.db,
  );
  await sql`update console.queue_removal set removed_at = now() - interval '8 days'`.execute(product.db);
  // Its name is taken, so that it cannot be claimed.
  writeFileSync(join(trash, `.purging_${old}`), '');
  expect(await purge()).toEqual([{ purged: 2 }]);
  expect(readdirSync(trash)).toEqual([old]);
  await restore(id);
  await becomes(id, 'completed');
  expect(filesBelow(product.folders.library)).toEqual([placed]);
});

test('the undo of a removed row brings it back as it was, without a run', async () => {
  const id = await completed();
  const before = await product.look(id);
  await within((trx) => removeItem(trx, product.runs, id, starter));
  expect(await restore(id)).toBeNull();
  const { updated_at: _at, ...rest } = before ?? {};
  expect(await product.look(id)).toMatchObject(rest);
});

test('a file in the trash is deleted after seven days, unless no removal names it', async () => {
  const id = await completed();
  await within((trx) => startFileRemoval(trx, product.runs, id, { starter }));
  await expect.poll(() => product.look(id)).toBeUndefined();
  const trash = join(product.folders.library, '.trash');
  const [entry] = readdirSync(trash) as [string];
  const [old, stray] = ['2020-01-01T00-00-00.000Z_aaaaaaaa', '2020-01-01T00-00-00.000Z_bbbbbbbb'] as const;
  mkdirSync(join(trash, stray));
  expect([await purge(), readdirSync(trash).length]).toEqual([[{ purged: 0 }], 2]);
  renameSync(join(trash, entry), join(trash, old));
  await sql`update console.step set output = output || jsonb_build_object('entry', ${old}::text) where ref = 'remove_file'`.execute(
    product.db,
  );
  expect([await purge(), readdirSync(trash)]).toEqual([[{ purged: 1 }], [stray]]);
});

test('a removal that was cancelled is not continued by a retry, and is over when the item is processed', async () => {
  const id = await completed();
  await within(async (trx) => {
    const run = await startFileRemoval(trx, product.runs, id, { starter });
    await product.runs.cancel(trx, run.id, 'ann');
  });
  expect(await product.look(id)).toMatchObject({ status: 'error', failed_step: 'remove_file' });
  await expect(retry(id)).rejects.toThrow('The removal of its file has ended.');
  await start(id, ['metadata', 'publish']);
  await becomes(id, 'completed');
  expect(filesBelow(product.folders.library)).toEqual([placed]);
});
