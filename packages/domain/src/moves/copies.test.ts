import { appendFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { arrived, cut, disks, opened, type Product, photo } from '../../test/interrupted-moves.ts';
import { writeFound } from '../files/writes.ts';
import { replayLeft } from './journal.ts';
import type { WantedMove } from './queries.ts';
import { undoMoves } from './undo.ts';

/** A copy has a row of its own, its original stays, and no interruption or undo costs the last copy of a file. */

const copies: Partial<WantedMove> = { action: 'copy', status: 'SORTED', original_status: 'ARCHIVED' };

const originals = photo.map((name) => `inbox/${name} ARCHIVED`);
const contents = (names: string[], of: (name: string) => string) =>
  Object.fromEntries(names.map((name) => [of(name), name]));
const inInbox = contents(photo, (name) => `inbox/${name}`);
const inArchive = contents(photo, (name) => `archive/day/${arrived[name as 'b.jpg']}`);
const other = { 'archive/day/IMG_1.MOV': 'another file' };

/** Files with their content but those in quarantine, and how many are there. */
function withoutQuarantine(product: Product): { files: Record<string, string>; removed: number } {
  const all = Object.entries(product.files());
  const files = all.filter(([path]) => !path.includes('/.at-quarantine/'));
  return { files: Object.fromEntries(files), removed: all.length - files.length };
}

describe.each(disks)('copies to %s', (_name, below) => {
  test('have rows with hashes, capture dates and groups, and an undo removes them alone', async () => {
    const product = await opened(below, copies);
    const { db, ids, context } = product;
    product.occupy('IMG_1.MOV');
    await sql`
      update console.file set captured_at = '2026-05-01 12:00', captured_from = 'DateTimeOriginal', width = 4, head = sha256('head'),
        group_id = nullif(${ids[0]}, id) where id in (${ids[0]}, ${ids[1]})
    `.execute(db);
    const run = crypto.randomUUID();
    expect(await product.move({}, run)).toMatchObject({ kept: [], missing: [], open: [], refused: [] });
    expect(product.files()).toEqual({ ...inInbox, ...inArchive, ...other });
    const rows = await product.rows();
    expect(Object.values(rows)).toEqual([
      ...originals,
      ...photo.map((name) => `archive/day/${arrived[name as 'b.jpg']} SORTED`),
    ]);
    const { rows: pairs } = await sql<{ same: boolean; group: string }>`
      select (o.sha256, o.size, o.captured_at, o.captured_from, o.width, o.head, o.kind)
          is not distinct from (c.sha256, c.size, c.captured_at, c.captured_from, c.width, c.head, c.kind) and o.inode <> c.inode as same,
        concat_ws(' ', o.group_id - ${ids[0]}, c.group_id - first_value(c.id) over (order by c.id)) as "group"
      from console.move m join console.file o on o.id = m.file_id join console.file c on c.id = m.copy_id order by m.id
    `.execute(db);
    expect(pairs.map(({ same }) => same)).toEqual([true, true, true]);
    expect(pairs.map(({ group }) => group)).toEqual(['', '0 0', '']);

    const report = await undoMoves(context, { run });
    expect([report.undone.length, report.kept, report.open]).toEqual([3, [], []]);
    expect(withoutQuarantine(product)).toEqual({ files: { ...inInbox, ...other }, removed: 3 });
    expect(Object.values(await product.rows()).slice(0, 3)).toEqual(photo.map((name) => `inbox/${name}`));
    expect(await product.states()).toEqual({ undone: 3, done: 3 });
    expect(await undoMoves(context, { run })).toEqual({ undone: [], kept: [], open: [] });
  });

  test('of a run that has ended are settled behind any step, and their undo is finished behind any step', async () => {
    for (const [step, times, isCopied] of [
      ['planned', 1, false],
      ['copied', 1, false],
      ['linked', 3, true],
      ['moved', 1, true],
    ] as const) {
      const product = await opened(below, copies);
      const { db, context } = product;
      const { rows } = await sql<{ id: string }>`
        insert into console.run (task, params, trigger, outcome, finished_at)
        values ('files.sort', '{}', 'manual', 'cancelled', now()) returning id
      `.execute(db);
      let left: number = times;
      const boundary = (done: string) => {
        if (done === step && --left === 0) throw cut;
      };
      await expect(product.move({ boundary }, rows[0]?.id)).rejects.toBe(cut);
      expect(await replayLeft(context, 0)).toHaveLength(1);
      const found = Object.keys(product.files()).filter((path) => path.startsWith('archive'));
      expect([step, found.length, await product.states()]).toEqual([
        step,
        isCopied ? 3 : 0,
        { [isCopied ? 'done' : 'given_up']: 3 },
      ]);
      expect(Object.values(await product.rows()).slice(0, 3)).toEqual(
        isCopied ? originals : photo.map((name) => `inbox/${name}`),
      );
      await product.close();
    }

    const product = await opened(below, copies);
    const run = crypto.randomUUID();
    await product.move({}, run);
    for (const step of ['planned', 'linked', 'source set aside', 'source removed', 'moved']) {
      const boundary = (done: string) => {
        if (done === step) throw cut;
      };
      await undoMoves({ ...product.context, boundary }, { run }).catch((error) => expect(error).toBe(cut));
    }
    await undoMoves(product.context, { run });
    expect(withoutQuarantine(product)).toEqual({ files: inInbox, removed: 3 });
    expect((await product.states()).planned).toBeUndefined();
    expect(Object.values(await product.rows()).slice(0, 3)).toEqual(photo.map((name) => `inbox/${name}`));
  });
});

test('an undo removes no copy that was changed, or whose original is not what it was', async () => {
  const product = await opened(undefined, copies);
  const run = crypto.randomUUID();
  await product.move({}, run, [...product.groups, product.wanted(['c.jpg'], await product.add(['c.jpg']))]);
  unlinkSync(join(product.inbox.path, 'IMG_1.MOV'));
  appendFileSync(join(product.inbox.path, 'b.jpg'), ' and more');
  appendFileSync(join(product.archive.path, 'day/c.jpg'), ' and more');
  const { undone, kept, open } = await undoMoves(product.context, { run });
  expect([undone, kept.map(({ reason }) => /original|changed by/.exec(reason)?.[0]).toSorted(), open]).toEqual([
    [],
    ['changed by', 'original', 'original', 'original'],
    [],
  ]);
  expect(withoutQuarantine(product)).toEqual({
    files: {
      'inbox/IMG_1.HEIC': 'IMG_1.HEIC',
      'inbox/b.jpg': 'b.jpg and more',
      'inbox/c.jpg': 'c.jpg',
      ...contents(photo, (name) => `archive/day/${name}`),
      'archive/day/c.jpg': 'c.jpg and more',
    },
    removed: 0,
  });
});

test('a copy that another program writes while it is made is a new file', async () => {
  const product = await opened(undefined, copies);
  const boundary = (step: string) => {
    if (step === 'target synced') appendFileSync(join(product.archive.path, 'day/b.jpg'), ' and more');
  };
  await product.move({ boundary });
  const rows = Object.values(await product.rows());
  expect(rows.slice(0, 3)).toEqual(originals);
  expect(rows.slice(3).toSorted()).toEqual([
    'archive/day/IMG_1.HEIC SORTED',
    'archive/day/IMG_1.MOV SORTED',
    'archive/day/b.jpg NEW',
  ]);
});

test('a move writes the state and the batch of its file with its place, and an undo undoes them', async () => {
  const product = await opened(undefined, { status: 'BATCHED', batch: 7 });
  const { db, context } = product;
  await sql`
    insert into console.batch (id, name, file_count, size_bytes, manifest, settings, directory_id) overriding system value
    values (7, 'batch_007', 0, 0, '{}', '{}', ${product.day})
  `.execute(db);
  const run = crypto.randomUUID();
  const boundary = (step: string) => {
    if (step === 'linked') throw cut;
  };
  await expect(product.move({ boundary })).rejects.toBe(cut);
  // Moves nothing more, but ends what was planned before the crash.
  expect((await product.move()).moves.size).toBe(0);
  expect(Object.values(await product.rows())).toEqual(photo.map((name) => `archive/day/${name} BATCHED`));
  const batches = async () =>
    (await sql<{ batch: number | null }>`select batch_id as batch from console.file order by id`.execute(db)).rows.map(
      ({ batch }) => batch,
    );
  expect(await batches()).toEqual([7, 7, 7]);
  await sql`update console.move set run_id = ${run}`.execute(db);
  await undoMoves(context, { run });
  expect(Object.values(await product.rows())).toEqual(photo.map((name) => `inbox/${name}`));
  expect(await batches()).toEqual([null, null, null]);
  const without = product.groups.map((group) => group.map((move) => ({ ...move, batch: null })));
  await expect(product.move({}, run, without)).rejects.toMatchObject({ code: '23514' });
  expect((await product.states()).planned).toBeUndefined();
});

test('a scan leaves what an interrupted copy has put in its place to the end of the copy', async () => {
  const product = await opened(undefined, copies);
  const boundary = (step: string) => {
    if (step === 'target synced') throw cut;
  };
  await expect(product.move({ boundary })).rejects.toBe(cut);
  const { size, mtimeNs, ctimeNs, ino } = statSync(join(product.archive.path, 'day/b.jpg'), { bigint: true });
  const numbers = (value: bigint) => BigInt64Array.of(value, value);
  const found = {
    directories: [product.day, product.day],
    names: [Buffer.from('b.jpg'), Buffer.from('new.jpg')],
    sizes: numbers(size),
    mtimes: numbers(mtimeNs),
    ctimes: numbers(ctimeNs),
    inodes: numbers(ino),
    links: Uint32Array.of(1, 1),
    kinds: ['photo', 'photo'],
  };
  const counts = await product.db.transaction().execute((trx) => writeFound(trx, found));
  expect(counts).toEqual({ fresh: 1, changed: 0 });
  await product.move();
  expect(Object.values(await product.rows())).toEqual([
    ...originals,
    'archive/day/new.jpg NEW',
    ...photo.map((name) => `archive/day/${name} SORTED`),
  ]);
});
