import { appendFileSync, copyFileSync, existsSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDb, createPool } from '@at/db/client';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { arrived, cut, disks, expectWhole, isBusy, opened, photo } from '../../test/interrupted-moves.ts';
import { lockRoot, unlockRoot } from '../files/writes.ts';
import { mostAtOnce, moveGroups, replayLeft } from './journal.ts';
import { endMoves, saveProgress, type WantedMove } from './queries.ts';
import { undoMoves } from './undo.ts';

/** Each file is where its row says, once, also if processes end or freeze while it moves, and everything can be undone. */

describe.each(disks)('moves to %s', (_name, below) => {
  test('are in rows and on the disk, and can be undone one with its companions, or all of a run', async () => {
    const product = await opened(below);
    const { context, ids, db } = product;
    product.occupy('IMG_1.MOV');
    const run = crypto.randomUUID();
    const report = await product.move({}, run);
    expect([report.done.length, report.kept, report.missing, report.open, report.refused]).toEqual([3, [], [], [], []]);
    const others = ['archive/day/IMG_1.MOV'];
    expect(await expectWhole(product, photo, others)).toEqual(
      photo.map((name) => `archive/day/${arrived[name as 'b.jpg']}`),
    );
    // A scan looks at the directory again.
    const looked = sql`select from console.file_directory where digest is not null and id = ${product.inbox.directory}`;
    expect((await looked.execute(db)).rows).toEqual([]);
    const { rows } = await sql<{ inode: string }>`select inode::text from console.file where id = ${ids[2]}`.execute(
      db,
    );
    const { ino } = statSync(join(product.archive.path, 'day/b.jpg'), { bigint: true });
    expect(rows[0]?.inode).toBe(String(BigInt.asIntN(64, ino)));

    const first = report.done[0]?.move as number;
    expect(await undoMoves(context, { move: first })).toMatchObject({ undone: [expect.anything(), first], kept: [] });
    expect(await expectWhole(product, photo, others)).toEqual([
      'inbox/IMG_1.HEIC',
      'inbox/IMG_1.MOV',
      'archive/day/b.jpg',
    ]);
    expect(await undoMoves(context, { run })).toMatchObject({ undone: [report.done[2]?.move], kept: [], open: [] });
    expect(await expectWhole(product, photo, others)).toEqual(photo.map((name) => `inbox/${name}`));
    expect(await product.states()).toEqual({ undone: 3, done: 3 });
    expect(await undoMoves(context, { run })).toEqual({ undone: [], kept: [], open: [] });
  });
});

test('moves of a run that has ended are settled, each group in one place', async () => {
  for (const [step, times, isMoved] of [
    ['planned', 1, false],
    ['linked', 1, false],
    ['linked', 3, true],
    ['source set aside', 1, true],
  ] as const) {
    const product = await opened();
    const { db, context } = product;
    const { rows } = await sql<{ id: string }>`
      insert into console.run (task, params, trigger) values ('files.sort', '{}', 'manual') returning id
    `.execute(db);
    const run = rows[0]?.id as string;
    let left: number = times;
    const boundary = (done: string) => {
      if (done === step && --left === 0) throw cut;
    };
    await expect(product.move({ boundary }, run)).rejects.toBe(cut);
    expect(await replayLeft(context, 10)).toEqual([]);
    await sql`update console.run set outcome = 'cancelled', finished_at = now()`.execute(db);
    expect(await replayLeft(context, 0)).toHaveLength(1);
    const places = await expectWhole(product, photo);
    expect([step, places]).toEqual([step, photo.map((name) => (isMoved ? `archive/day/${name}` : `inbox/${name}`))]);
  }
});

test('a root in use is left to its process, which the error names, and one that is held waits for a person', async () => {
  const { move, db, archive, files, states } = await opened();
  await db.connection().execute(async (session) => {
    expect(await lockRoot(session, archive.root, 'move')).toBe(true);
    await expect(move()).rejects.toMatchObject({
      ...isBusy,
      message: expect.stringMatching(/is in use by .+ \(connection \d+ from/),
    });
    await unlockRoot(session, archive.root, 'move');
  });
  const marker = join(archive.path, '.at-root');
  copyFileSync(marker, `${marker} copy`);
  renameSync(`${marker} copy`, marker);
  await expect(move()).rejects.toMatchObject({ name: 'RootUnusable', kind: 'held' });
  expect([Object.keys(files()).length, await states()]).toEqual([3, {}]);
});

test('a file that was changed is new again, one that is gone is missing, and their companions stay', async () => {
  for (const isGone of [false, true]) {
    const product = await opened();
    const path = join(product.inbox.path, 'IMG_1.MOV');
    if (isGone) unlinkSync(path);
    else appendFileSync(path, ' and more');
    const report = await product.move();
    expect([report.done.length, report.kept.length, report.missing.length]).toEqual(isGone ? [1, 1, 1] : [1, 2, 0]);
    expect(Object.values(await product.rows())).toEqual([
      'inbox/IMG_1.HEIC',
      `inbox/IMG_1.MOV ${isGone ? 'MISSING' : 'NEW'}`,
      'archive/day/b.jpg',
    ]);
  }
});

test('a row whose file has left the place loses it, and a new row of the moved file is merged', async () => {
  const { move, db, day, rows, ids } = await opened();
  await sql`
    insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status)
    select ${day}, convert_to(n.name, 'UTF8'), 1, 1, 1, case n.status when 'NEW' then f.inode else 1 end, 'photo', n.status
    from (values ('b.jpg', 'SORTED'), ('IMG_1.MOV', 'NEW')) n (name, status) join console.file f on f.id = ${ids[1]}
  `.execute(db);
  expect((await move()).done).toHaveLength(3);
  expect(Object.values(await rows())).toEqual([...photo.map((name) => `archive/day/${name}`), ' MISSING']);
});

test('a file has one open plan, its row stays while the plan is open, and nothing moves twice', async () => {
  const product = await opened();
  const { context, groups, ids, move } = product;
  const boundary = (step: string) => {
    if (step === 'planned') throw cut;
  };
  await expect(move({ boundary })).rejects.toBe(cut);
  await expect(
    sql`insert into console.move (companions, file_id, from_directory_id, from_name, to_directory_id, to_name, size, mtime_ns, inode)
        select companions, file_id, from_directory_id, from_name, to_directory_id, 'c', size, mtime_ns, inode from console.move`.execute(
      product.db,
    ),
  ).rejects.toMatchObject({ code: '23505' });
  const removal = sql`delete from console.file where id = ${ids[0]}`.execute(product.db);
  await expect(removal).rejects.toMatchObject({ code: '23514' });
  // Earlier plans come first, and what is there already is refused.
  const again = await moveGroups(context, product.roots, async () => groups, null);
  expect(again).toMatchObject({ done: [], refused: ids });
  await expectWhole(product, photo);
});

test('of files that want one place both are kept', async () => {
  const { move, wanted, ids, files } = await opened();
  const twice = [wanted(['c.jpg'], [ids[1] as number]), wanted(['c.jpg'], [ids[2] as number])];
  const { done, refused } = await move({}, null, [twice[0] as WantedMove[]]);
  expect([done.length, refused]).toEqual([1, []]);
  await move({}, null, [twice[1] as WantedMove[]]);
  expect(files()).toEqual({
    'inbox/IMG_1.HEIC': 'IMG_1.HEIC',
    'archive/day/c.jpg': 'IMG_1.MOV',
    'archive/day/c (1).jpg': 'b.jpg',
  });
});

test('of files that want one place in one call, and of a file that is wanted twice, the first is moved', async () => {
  const { context, roots, wanted, ids, files } = await opened();
  const [heic, mov, jpg] = ids as [number, number, number];
  const groups = [wanted(['c.jpg'], [jpg]), wanted(['d.jpg', 'c.jpg'], [heic, mov]), wanted(['e.jpg'], [jpg])];
  const { done, refused } = await moveGroups(context, roots, async () => groups, null);
  expect([done.length, refused]).toEqual([1, [heic, mov, jpg]]);
  expect(files()).toEqual({
    'inbox/IMG_1.HEIC': 'IMG_1.HEIC',
    'inbox/IMG_1.MOV': 'IMG_1.MOV',
    'archive/day/c.jpg': 'b.jpg',
  });
});

test('an undo brings back all files that a run took from one place', async () => {
  const product = await opened();
  const { context, wanted, ids } = product;
  const run = crypto.randomUUID();
  await product.move({}, run, [wanted(['first'], ids.slice(2))]);
  await product.move({}, run, [wanted(['second'], await product.add(['b.jpg']))]);
  expect(await undoMoves(context, { run })).toMatchObject({ undone: [expect.anything(), expect.anything()], kept: [] });
  expect(Object.keys(product.files())).toEqual(
    expect.arrayContaining(['inbox/b.jpg', 'inbox/b (1).jpg', 'inbox/IMG_1.HEIC', 'inbox/IMG_1.MOV']),
  );
});

test('a keeper that a move finds gone, changed or without its place sends its duplicates back', async () => {
  const product = await opened();
  const { db, day, ids, inbox } = product;
  const [heic, mov, jpg] = ids as [number, number, number];
  const [late] = await product.add(['c.jpg']);
  const { rows } = await sql<{ id: number }>`
    insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status)
    values (${day}, 'c.jpg', 1, 1, 1, 1, 'photo', 'SORTED') returning id
  `.execute(db);
  const displaced = rows[0]?.id as number;
  await sql`
    insert into console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, status, duplicate_of, sha256)
    select ${day}, convert_to('like ' || id, 'UTF8'), 1, 1, 1, 1, 'photo', 'DUPLICATE', id, sha256('')
    from unnest(${[heic, mov, jpg, displaced]}::bigint[]) id
  `.execute(db);
  unlinkSync(join(inbox.path, 'IMG_1.MOV'));
  appendFileSync(join(inbox.path, 'b.jpg'), ' and more');
  await product.move({}, null, [...product.groups, product.wanted(['c.jpg'], [late as number])]);
  const states = Object.values(await product.rows()).filter((place) => place.includes('like'));
  expect(states).toEqual([
    `archive/day/like ${heic} DUPLICATE`,
    ...[mov, jpg, displaced].map((id) => `archive/day/like ${id} NEW`),
  ]);
});

test('companions of three roots are together after a crash', async () => {
  const product = await opened();
  const { context, ids, roots } = product;
  const third = await product.addRoot(tmpdir());
  const [heic, mov] = product.wanted(photo, ids) as [WantedMove, WantedMove];
  const group = [heic, { ...mov, directory: third.directory }];
  const boundary = (step: string) => {
    if (step === 'planned') throw cut;
  };
  const moving = moveGroups({ ...context, boundary }, [...roots, third.root], async () => [group], null);
  await expect(moving).rejects.toBe(cut);
  appendFileSync(join(product.inbox.path, 'IMG_1.MOV'), ' and more');
  // A call for two of the roots cannot end it.
  await product.move({}, null, []);
  expect(await product.states()).toEqual({ planned: 2 });
  expect(await replayLeft(context, 0)).toHaveLength(1);
  expect(Object.values(await product.rows()).slice(0, 2)).toEqual(['inbox/IMG_1.HEIC', 'inbox/IMG_1.MOV NEW']);
});

test('an undo brings back what a run moved twice and what changed places, and says what was changed since', async () => {
  const product = await opened();
  const { context, wanted, ids, inbox } = product;
  const run = crypto.randomUUID();
  const [heic, mov, jpg] = ids as [number, number, number];
  const force = (groups: WantedMove[][]) => moveGroups(context, product.roots, async () => groups, run);
  await force([wanted(['a'], [heic]), wanted(['c'], [jpg])]);
  await force([wanted(['b'], [heic])]);
  await force([[{ file: mov, directory: inbox.directory, name: Buffer.from('IMG_1.HEIC') }]]);
  appendFileSync(join(product.archive.path, 'day/c'), ' and more');
  const { undone, kept, open } = await undoMoves(context, { run });
  expect([undone.length, kept, open]).toEqual([
    3,
    [{ move: expect.any(Number), reason: expect.stringContaining('changed') }],
    [],
  ]);
  expect(product.files()).toEqual({
    'inbox/IMG_1.HEIC': 'IMG_1.HEIC',
    'inbox/IMG_1.MOV': 'IMG_1.MOV',
    'archive/day/c': 'b.jpg and more',
  });
  expect(Object.values(await product.rows())).toEqual(['inbox/IMG_1.HEIC', 'inbox/IMG_1.MOV', 'archive/day/c NEW']);
});

test('an undo of more files than move at once keeps companions together, also if other moves were planned between theirs', async () => {
  const product = await opened();
  const run = crypto.randomUUID();
  const names = Array.from({ length: mostAtOnce - 1 }, (_, i) => `${i}.jpg`);
  const more = product.wanted(names, await product.add(names)).map((one) => [one]);
  const [early, late] = [more.slice(0, 1), more.slice(1)];
  const last = product.groups[1] as WantedMove[];
  const moves = [];
  for (const groups of [early, [...late, last]]) moves.push(...(await product.move({}, run, groups)).done);
  moves.push(...(await product.move({}, run, [product.groups[0] as WantedMove[]])).done);
  expect(moves).toHaveLength(mostAtOnce + 2);
  const [first, companion] = [moves[0]?.move, moves[100]?.move] as [number, number];
  await sql`
    update console.move set companions = (select companions from console.move where id = ${companion}) where id = ${first}
  `.execute(product.db);
  appendFileSync(moves[0]?.path as Buffer, ' and more');
  const { undone, kept, open } = await undoMoves(product.context, { run });
  expect([undone.length, kept.map(({ move }) => move).toSorted((a, b) => a - b), open]).toEqual([
    mostAtOnce,
    [first, companion],
    [],
  ]);
  expect(existsSync(moves[100]?.path as Buffer)).toBe(true);
});

test('a move that has ended does not end again when a late process says so', async () => {
  const product = await opened();
  const { done } = await product.move();
  const { move } = done[0] as { move: number };
  await undoMoves(product.context, { move });
  const file = { size: '1', mtime_ns: '1', ctime_ns: '1', inode: '1', links: 1 };
  for (const state of ['done', 'missing', 'given_up'] as const)
    expect(await endMoves(product.db, [{ id: move, state, reason: null, is_changed: true, file }])).toEqual([]);
  const { rows } = await sql<{ key: string }>`select key from console.move where id = ${move}`.execute(product.db);
  const late = saveProgress(product.db, new Map([[rows[0]?.key as string, { name: Buffer.from('late') }]]));
  await expect(late).rejects.toThrow('ended by another process');
  expect(await expectWhole(product, photo)).toEqual(['inbox/IMG_1.HEIC', 'inbox/IMG_1.MOV', 'archive/day/b.jpg']);
});

test('an undo replaces nothing that has taken the old place', async () => {
  const product = await opened();
  const { done } = await product.move();
  writeFileSync(join(product.inbox.path, 'b.jpg'), 'another file');
  expect(await undoMoves(product.context, { move: done[2]?.move as number })).toMatchObject({ kept: [], open: [] });
  expect(product.files()).toMatchObject({ 'inbox/b.jpg': 'another file', 'inbox/b (1).jpg': 'b.jpg' });
  await expectWhole(product, photo, ['inbox/b.jpg']);
});

test('a database that ends the connection of the locks, or a disk that is gone, stops moves before a name is removed', async () => {
  for (const kind of ['database', 'disk']) {
    const product = await opened();
    const { db, context } = product;
    const marker = join(product.archive.path, '.at-root');
    let isGone = false;
    const boundary = async (step: string) => {
      if (step !== 'linked' || isGone) return;
      isGone = true;
      if (kind === 'disk') return renameSync(marker, `${marker} away`);
      await sql`
        select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objsubid = 1 and pid <> pg_backend_pid()
          and database = (select oid from pg_database where datname = current_database())
      `.execute(db);
    };
    await expect(product.move({ boundary })).rejects.toThrow();
    if (kind === 'disk') renameSync(`${marker} away`, marker);
    // What was linked is withdrawn, and the plan is still there.
    expect([kind, product.files()]).toEqual([kind, Object.fromEntries(photo.map((name) => [`inbox/${name}`, name]))]);
    expect(await product.states()).toEqual({ planned: 3 });
    await replayLeft(context, 0);
    expect(await expectWhole(product, photo)).toEqual(photo.map((name) => `archive/day/${name}`));
  }
});

test('200 files cost a fixed number of round trips', async ({ annotate }) => {
  for (const [name, below] of disks) {
    const product = await opened(below);
    const names = Array.from({ length: mostAtOnce / 2 }, (_, i) => [`${i}.jpg`, `${i}.mov`]);
    const ids = await product.add(names.flat());
    const groups = names.map((group, i) => product.wanted(group, ids.slice(2 * i, 2 * i + 2)));
    let statements = 0;
    const pool = createPool({ connection: product.database.connectionString });
    const db = createDb(pool);
    pool.on('connect', (client) => {
      const query = client.query.bind(client);
      client.query = ((...of: unknown[]) => {
        statements += 1;
        return (query as (...given: unknown[]) => unknown)(...of);
      }) as typeof client.query;
    });
    const began = performance.now();
    const { done } = await product.move({ db }, null, groups);
    const took = Math.round(performance.now() - began);
    await db.destroy();
    expect(done).toHaveLength(mostAtOnce);
    expect([name, statements]).toEqual([name, expect.any(Number)]);
    expect(statements).toBeLessThan(30);
    await annotate(`200 files to ${name}: ${statements} round trips, ${took} ms`, 'figure');
  }
});
