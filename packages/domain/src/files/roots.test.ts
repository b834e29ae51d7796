import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiskHangs } from '@at/adapters/disk';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { type FilesProduct, openFiles } from '../../test/files.ts';
import { acceptRoot, makeRoot, withRoots } from './roots.ts';

let product: FilesProduct;
beforeAll(async () => {
  product = await openFiles();
  return () => product.close();
});

const take = (...ids: number[]) => withRoots(product.db, ids, async ({ roots }) => roots.map(({ counter }) => counter));
const make = (path: string, name = path) => makeRoot(product.db, Buffer.from(path), name);
const marker = (at: string) =>
  JSON.parse(readFileSync(join(at, '.at-root'), 'utf8')) as { root: string; counter: string };
const columns = async (id: number) =>
  (
    await sql<{
      counter: number;
      held: string | null;
    }>`select counter, held from console.file_root where id = ${id}`.execute(product.db)
  ).rows[0];

test('each process that takes a root raises its counter, in the row and in the marker', async () => {
  const { id, at } = await product.root();
  expect(await take(id)).toEqual([1]);
  expect(await take(id)).toEqual([2]);
  expect([Number(marker(at).counter), await columns(id)]).toEqual([2, { counter: 2, held: null }]);
});

test('a process that ended between row and marker, however often, is no reason to hold a root', async () => {
  const { id, at } = await product.root();
  await take(id);
  for (let n = 0; n < 2; n += 1) {
    await sql`update console.file_root set counter = 2 where id = ${id}`.execute(product.db);
    expect(await take(id)).toEqual([2]);
    writeFileSync(
      join(at, '.at-root'),
      readFileSync(join(at, '.at-root'), 'utf8').replace(/\d{16}/, '0000000000000001'),
    );
  }
});

test('a root is found under another path, and its rows stay', async () => {
  const { id, at } = await product.root();
  renameSync(at, `${at} moved`);
  await expect(take(id)).rejects.toThrow('is not at');
  symlinkSync(`${at} moved`, `${at} link`);
  expect(await make(`${at} link`)).toMatchObject({ id, path: Buffer.from(`${at} moved`) });
  expect(await take(id)).toEqual([1]);
});

test('a copy of a root is held until a person accepts it', async () => {
  const { id, at } = await product.root();
  renameSync(at, `${at} before`);
  cpSync(`${at} before`, at, { recursive: true });
  await expect(take(id)).rejects.toThrow('is a copy of the directory');
  // Also when the former one is back.
  await expect(take(id)).rejects.toThrow('is held.');
  await acceptRoot(product.db, id);
  expect(await take(id)).toEqual([2]);
  expect((await columns(id))?.held).toBeNull();
});

test('a root on which another database works, or an older one, is held', async () => {
  const { id } = await product.root();
  for (let n = 0; n < 3; n += 1) await take(id);
  await sql`update console.file_root set counter = 1 where id = ${id}`.execute(product.db);
  await expect(take(id)).rejects.toThrow('counts 3 where the database counts 1');
  await acceptRoot(product.db, id);
  expect(await take(id)).toEqual([5]);
});

test('roots that contain each other are refused, and so is the marker of another database', async () => {
  const { at } = await product.root();
  mkdirSync(join(at, 'a/b'), { recursive: true });
  await expect(make(join(at, 'a/b'))).rejects.toThrow(`is in the root ${at}.`);
  symlinkSync(join(at, 'a'), `${at} inside`);
  await expect(make(`${at} inside`)).rejects.toThrow('is in the root');
  await expect(make(product.base)).rejects.toThrow('contain each other');
  const { at: foreign, id } = await product.root();
  await sql`update console.file_root set marker = gen_random_uuid() where id = ${id}`.execute(product.db);
  await expect(make(foreign)).rejects.toThrow('has the marker of another database');
});

test('a root whose marker is gone is not made again, and one that was not made to its end is', async () => {
  const { id, at, name } = await product.root();
  rmSync(join(at, '.at-root'));
  await expect(make(at, 'second')).rejects.toThrow('The marker of');
  writeFileSync(join(at, '.at-root'), '{"root":');
  await expect(make(at, 'second')).rejects.toThrow('is not a marker');
  await sql`update console.file_root set held = 'Its marker was not written. Make the root again.' where id = ${id}`.execute(
    product.db,
  );
  await expect(take(id)).rejects.toThrow('is held.');
  expect(await make(at, name)).toMatchObject({ id, held: null });
  expect(await take(id)).toEqual([1]);
});

test('one process has a root at a time, and the other learns which', async () => {
  const [one, two] = [await product.root(), await product.root()];
  const { promise: free, resolve } = Promise.withResolvers<void>();
  const { promise: taken, resolve: begun } = Promise.withResolvers<void>();
  const holding = withRoots(product.db, [two.id], async ({ check }) => {
    begun();
    await free;
    await check();
  });
  await taken;
  await expect(take(two.id, one.id)).rejects.toThrow(
    /^"root \d+" is in use by rear-differential \(connection \d+ from /,
  );
  expect(await take(one.id)).toEqual([1]);
  resolve();
  await holding;
  expect(await take(two.id, one.id)).toEqual([2, 2]);
});

test('a call of the disk that hangs keeps the root, and its caller learns so at once', async () => {
  const { id } = await product.root();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const hanging = withRoots(product.db, [id], () => Promise.reject(new DiskHangs('/a disk', ended)));
  await expect(hanging).rejects.toThrow(DiskHangs);
  await expect(take(id)).rejects.toMatchObject({ kind: 'busy' });
  resolve();
  await expect.poll(() => take(id).catch(() => 'busy'), { interval: 10 }).toEqual([2]);
});

test('a process that holds a root notices that its disk was exchanged', async () => {
  const { id, at } = await product.root();
  const holding = withRoots(product.db, [id], async ({ check }) => {
    await check();
    renameSync(at, `${at} away`);
    await check();
  });
  await expect(holding).rejects.toThrow(`is not at ${at}.`);
});
