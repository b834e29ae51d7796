import {
  appendFileSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasTwo, memory } from '@at/adapters/test/file-systems';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { disks, opened, type Product, photo } from '../../test/interrupted-moves.ts';
import { changeConfig } from '../pipeline-config/writes.ts';
import { moveGroups } from './journal.ts';
import { purgeQuarantine, quarantineRoots } from './quarantine.ts';
import { quarantineOf } from './quarantine-queries.ts';
import type { WantedMove } from './queries.ts';
import { removeTemporaryFiles } from './temporary.ts';
import { undoMoves } from './undo.ts';

/** What is removed can be brought back until the purge, and the purge deletes that file and no other. */

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const stepOf = ({ db }: Product) => ({
  db,
  signal: new AbortController().signal,
  log: silent,
  checkpoint: <T>(work: (trx: never) => Promise<T>) => db.transaction().execute(work as never) as Promise<T>,
});
const purge = (product: Product, more: Partial<Parameters<typeof purgeQuarantine>[1]> = {}) =>
  purgeQuarantine(stepOf(product), { days: 30, dry_run: false, ...more });

/** Three files that were removed so many days ago, each under its own name in the quarantine of the inbox. */
async function removed(days: number) {
  const product = await opened();
  const { db, inbox } = product;
  const quarantine = await quarantineOf(db, inbox.root);
  const remove = (move: WantedMove): WantedMove => ({ ...move, directory: quarantine, action: 'quarantine' });
  const run = crypto.randomUUID();
  await product.move(
    {},
    run,
    product.groups.map((group) => group.map(remove)),
  );
  await sql`update console.move set ended_at = now() - make_interval(days => ${days})`.execute(db);
  return { product, run, place: (name: string) => join(inbox.path, '.at-quarantine', name) };
}

test('a removed file is missing, and an undo makes it what it was', async () => {
  const { product, run } = await removed(0);
  expect(product.files()).toEqual(Object.fromEntries(photo.map((name) => [`inbox/.at-quarantine/${name}`, name])));
  expect(Object.values(await product.rows())).toEqual(photo.map((name) => `inbox/.at-quarantine/${name} MISSING`));
  expect(await undoMoves(product.context, { run })).toMatchObject({ kept: [], open: [] });
  expect(product.files()).toEqual(Object.fromEntries(photo.map((name) => [`inbox/${name}`, name])));
  expect(Object.values(await product.rows())).toEqual(photo.map((name) => `inbox/${name}`));
});

test('a purge deletes what was removed long ago, once, and not before; then it cannot be brought back', async () => {
  const { product, run } = await removed(29);
  expect(await purge(product)).toEqual({ purged: 0, left: [] });
  await sql`update console.move set ended_at = ended_at - interval '1 day'`.execute(product.db);
  expect(await purge(product, { days: 0 })).toEqual({ purged: 0, left: [] });
  expect(await purge(product, { dry_run: true })).toEqual({ purged: 3, left: [] });
  expect(Object.keys(product.files())).toHaveLength(3);
  expect(await purge(product)).toEqual({ purged: 3, left: [] });
  expect(await purge(product)).toEqual({ purged: 0, left: [] });
  expect([product.files(), await product.states()]).toEqual([{}, { purged: 3 }]);
  expect(Object.values(await product.rows())).toEqual([' MISSING', ' MISSING', ' MISSING']);
  expect(await undoMoves(product.context, { run })).toEqual({ undone: [], kept: [], open: [] });
});

test('a purge that ends behind any file is finished by the next one', async () => {
  const { product, place } = await removed(31);
  const cut = new Error('cut off');
  const boundary = () => {
    throw cut;
  };
  await expect(purge(product, { boundary })).rejects.toBe(cut);
  // Another one ended between the two names of a file.
  const { rows } = await sql<{ key: string }>`
    select m.key from console.move m where m.to_name = 'b.jpg'::bytea
  `.execute(product.db);
  renameSync(place('b.jpg'), place(`.at-${rows[0]?.key}.purged`));
  expect(await purge(product)).toEqual({ purged: 3, left: [] });
  expect(product.files()).toEqual({});
});

test('a purge goes on where a person has removed the quarantine, and where the disk of another root refuses it', async () => {
  const { product, place } = await removed(31);
  const directory = place('.');
  rmSync(directory, { recursive: true });
  expect(await purge(product)).toEqual({ purged: 3, left: [] });

  const { db, inbox, archive, roots } = product;
  const names = ['2.jpg', '3.jpg'];
  const ids = await product.add(names);
  const groups: WantedMove[][] = [];
  for (const [i, { root }] of [inbox, archive].entries()) {
    const move = { file: ids[i] as number, directory: await quarantineOf(db, root), name: Buffer.from(`${i}`) };
    groups.push([{ ...move, action: 'quarantine' }]);
  }
  await moveGroups(product.context, roots, async () => groups, null);
  await sql`update console.move set ended_at = now() - interval '31 days'`.execute(db);
  rmSync(directory, { recursive: true });
  symlinkSync(directory, directory);
  const { purged, left } = await purge(product);
  expect([purged, left]).toEqual([1, [{ path: inbox.path, reason: expect.stringContaining('ELOOP') }]]);
  expect(readlinkSync(directory)).toBe(directory);
  const temporary = await removeTemporaryFiles(stepOf(product), { days: 1, dry_run: false });
  expect(temporary).toEqual({ removed: 0, left: [{ path: inbox.path, reason: expect.stringContaining('ELOOP') }] });
});

test('a purge leaves what is not the removed file, and says so', async () => {
  const { product, place } = await removed(31);
  appendFileSync(place('IMG_1.MOV'), ' and more');
  unlinkSync(place('b.jpg'));
  writeFileSync(place('b.jpg'), 'b.JPG');
  writeFileSync(place('another.jpg'), 'another file');
  const { purged, left } = await purge(product);
  expect([purged, left.map(({ path }) => path).toSorted()]).toEqual([1, [place('IMG_1.MOV'), place('b.jpg')]]);
  expect(Object.keys(product.files()).toSorted()).toEqual(
    ['IMG_1.MOV', 'another.jpg', 'b.jpg'].map((name) => `inbox/.at-quarantine/${name}`),
  );
});

test.each(disks)(
  'an undone copy from %s goes to the configured quarantine if that is on its disk',
  async (_name, below) => {
    const product = await opened(below, { action: 'copy' });
    const { db, inbox, archive } = product;
    const quarantine = await product.addRoot(tmpdir());
    const part = { paths: { quarantine_dir: quarantine.path } };
    await db.transaction().execute((trx) => changeConfig(trx, { actor: 'ann', part }));
    const isNear = below === tmpdir() || !hasTwo || below !== memory;
    expect(await quarantineRoots(db, [inbox.root, archive.root])).toEqual(
      new Map([
        [inbox.root, quarantine.root],
        [archive.root, isNear ? quarantine.root : archive.root],
      ]),
    );
    const run = crypto.randomUUID();
    await product.move({}, run);
    expect(await undoMoves(product.context, { run })).toMatchObject({ kept: [], open: [] });
    const { rows } = await sql<{ root: number; name: string }>`
    select d.root_id as root, convert_from(m.to_name, 'UTF8') as name from console.move m
    join console.file_directory d on d.id = m.to_directory_id where m.action = 'quarantine' order by m.id
  `.execute(db);
    expect(rows.map(({ root, name }) => [root, name.slice(37)]).toSorted()).toEqual(
      photo.map((name) => [isNear ? quarantine.root : archive.root, name]),
    );
  },
);

test('of temporary files only unfinished copies of ended moves are removed, and what may be a last name is reported', async () => {
  const product = await opened();
  await product.move();
  const { rows } = await sql<{ key: string }>`select key from console.move order by id`.execute(product.db);
  const [done, missing, planned] = rows.map(({ key }) => key) as [string, string, string];
  await sql`update console.move set state = 'missing' where key = ${missing}`.execute(product.db);
  await sql`update console.move set state = 'planned', ended_at = null where key = ${planned}`.execute(product.db);
  const strange = crypto.randomUUID();
  const names = {
    removed: [`.at-${done}.part`],
    reported: [`.at-${done}.gone`, `.at-${done}.back.gone`, `.at-${missing}.part`, `.at-${strange}.part`],
    kept: [`.at-${planned}.part`, `.at-${planned}.gone`, `.at-mine.part`, 'IMG.part'],
  };
  const day = join(product.archive.path, 'day');
  mkdirSync(join(day, `.at-${done}.part is a folder`));
  for (const name of Object.values(names).flat()) writeFileSync(join(day, name), 'x');
  const clean = (days: number, dry_run = false) => removeTemporaryFiles(stepOf(product), { days, dry_run });
  expect(await clean(7)).toMatchObject({ removed: 0 });
  expect(await clean(0)).toMatchObject({ removed: 0 });
  expect(await clean(1e-9, true)).toMatchObject({ removed: 1 });
  const { removed: count, left } = await clean(1e-9);
  expect([count, left.map(({ path }) => path.slice(day.length + 1)).toSorted()]).toEqual([
    1,
    names.reported.toSorted(),
  ]);
  const found = Object.keys(product.files());
  for (const name of [...names.reported, ...names.kept]) expect(found).toContain(`archive/day/${name}`);
  expect(found).not.toContain(`archive/day/${names.removed[0]}`);
});
