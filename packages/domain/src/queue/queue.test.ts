import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { openDisk } from '@at/adapters/disk';
import { markerName } from '@at/adapters/file-trash';
import { openQueueSystems } from '@at/adapters/queue-systems';
import { mountDeadDisk } from '@at/adapters/test/dead-disk';
import type { FailureCode, QueueStep } from '@at/contracts/vocabulary';
import { mostRetries, RunCancelled } from '@at/runs/states';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { filesBelow, openQueue, type QueueProduct, starter } from '../../test/queue.ts';
import { actionsOn, facts, name, placed } from '../../test/queue-actions.ts';
import { giveCode, itemTasks, removeItem, reprocessItem, retryItem, startFileRemoval, startItem } from './starts.ts';
import { takeBackMoves } from './tasks/take-back-moves.ts';

/** An item from the watch folder to the media server, with all that can go wrong on its way. */

let product: QueueProduct;
beforeAll(async () => {
  product = await openQueue();
  return () => product.close();
});
beforeEach(async () => {
  await product.reset();
  product.provider.facts.set('ABC-123', facts);
});

const { becomes, rests, within, start, retry, completed } = actionsOn(() => product);

test('a file is identified, enriched, moved under its new name and published', async () => {
  const id = await completed();
  const item = await product.look(id);
  const new_path = join(product.folders.library, placed);
  expect(item).toMatchObject({
    file_path: join(product.folders.watch, name),
    movie_code: 'ABC-123',
    actress: 'Ada Lumen',
    subtitle: 'English Sub',
    new_path,
    error_message: null,
    retry_count: 0,
    next_step: null,
    metadata_json: { title: 'The lantern: keepers/of', actress: ['Ada Lumen', 'Bea'] },
  });
  expect([product.content(new_path), filesBelow(product.folders.watch)]).toEqual([name, []]);
  const known = product.server.items.get(item?.emby_item_id as string);
  expect(known).toMatchObject({
    Path: new_path,
    Name: 'ABC-123 The lantern: keepers/of',
    SortName: 'ABC-123',
    OriginalTitle: 'ランタン',
    ProductionYear: 2024,
    LockData: true,
    Studios: [{ Name: 'North Light' }],
  });
  expect(product.server.images).toEqual([`${known?.Id} Primary https://images.example/cover.jpg`]);
});

test('without a media server an item rests in the library, and says that publishing comes next', async () => {
  product.work({ server: null });
  const id = await product.add(product.drop(name), { ...product.systems, server: null });
  await becomes(id, 'moved');
  await rests(id);
  expect(await product.look(id)).toMatchObject({ status: 'moved', next_step: 'publish' });
});

test('a completed item is processed again: its metadata, its name, and the server', async () => {
  const id = await completed();
  product.provider.facts.set('ABC-123', { ...facts, title: 'Another', actress: ['ada lumen'] });
  expect(product.provider.requests.at(-1)).toBe('search ABC-123');
  await within((trx) => reprocessItem(trx, product.runs, id, { starter, fresh: true }));
  await rests(id);
  expect(product.provider.requests.at(-1)).toBe('search ABC-123 fresh');
  expect(await product.look(id)).toMatchObject({ status: 'completed', metadata_json: { title: 'Another' } });
  const [former] = filesBelow(product.folders.library);
  // The folder is that which differs in case alone.
  await start(id, ['move']);
  await rests(id);
  expect(await product.look(id)).toMatchObject({ status: 'moved', emby_item_id: null, published_at: null });
  expect(filesBelow(product.folders.library)).toEqual(['Ada Lumen/ada lumen - [English Sub] ABC-123 Another.mkv']);
  expect(former).toBe(placed);
  await start(id, ['publish']);
  await becomes(id, 'completed');
});

test('a file that has its name already stays, also with a number, and so does one without new facts', async () => {
  mkdirSync(join(product.folders.library, 'Ada Lumen'));
  writeFileSync(join(product.folders.library, placed), 'another film');
  const id = await completed();
  const numbered = placed.replace('.mkv', ' (1).mkv');
  expect(filesBelow(product.folders.library)).toEqual([numbered, placed].toSorted());
  rmSync(join(product.folders.library, placed));
  for (const steps of [['move'], ['extract', 'metadata', 'move', 'publish']] as QueueStep[][]) {
    await start(id, steps);
    await rests(id);
    expect(filesBelow(product.folders.library)).toEqual([numbered]);
    expect(product.content(join(product.folders.library, numbered))).toBe(name);
  }
  await becomes(id, 'completed');
});

test('a file that is another name of one in the library gets a name of its own', async () => {
  const first = await completed();
  linkSync(join(product.folders.library, placed), join(product.folders.watch, 'ABC-123 eng again.mkv'));
  const second = await product.add(join(product.folders.watch, 'ABC-123 eng again.mkv'));
  await becomes(second, 'completed');
  const paths = await Promise.all([first, second].map(async (id) => (await product.look(id))?.new_path));
  expect(new Set(paths).size).toBe(2);
  await within((trx) => startFileRemoval(trx, product.runs, second, { starter }));
  await expect.poll(() => product.look(second)).toBeUndefined();
  expect(product.content(paths[0])).toBe(name);
});

test('a file without a code goes to the unprocessed ones, and a code by hand takes it on from there', async () => {
  product.work();
  const id = await product.add(product.drop('holiday.mp4'));
  await rests(id);
  const file_path = join(product.folders.unprocessed, 'holiday.mp4');
  expect(await product.look(id)).toMatchObject({
    status: 'error',
    failed_step: 'extract',
    error_code: 'code_missing',
    file_path,
    new_path: null,
  });
  // Again, it stays there; the same name in the watch folder is another item.
  await retry(id);
  await rests(id);
  const other = await product.add(product.drop('holiday.mp4', 'another'));
  await rests(other);
  expect(filesBelow(product.folders.unprocessed)).toEqual(['holiday (1).mp4', 'holiday.mp4']);
  const steps: QueueStep[] = ['extract', 'metadata', 'move', 'publish'];
  // Mended where it lies.
  utimesSync(file_path, 5, 5);
  // Without the step that failed: the code is what it was to find.
  await within((trx) => giveCode(trx, product.runs, id, 'abc-123', steps.slice(1), { starter }));
  await becomes(id, 'completed');
  expect(await product.look(id)).toMatchObject({ movie_code: 'ABC-123', subtitle: 'No Sub', code_given_by: 'ann' });
  await start(id, steps);
  await rests(id);
  expect(await product.look(id)).toMatchObject({ status: 'completed', movie_code: 'ABC-123' });
});

describe('a failure', () => {
  const replying =
    (status: number, body = '') =>
    (request: string, response: ServerResponse) => {
      if (request === 'token') return false;
      response.writeHead(status).end(body);
      return true;
    };
  type Case = {
    what: string;
    /** Makes it fail. */
    prepare: () => void | Promise<void>;
    step: QueueStep;
    message: RegExp;
    code: FailureCode;
    /** Whether another attempt follows by itself. */
    waits: boolean;
    repair: () => void;
  };
  const provided = (answer: QueueProduct['provider']['answer']) => () => {
    product.provider.answer = answer;
  };
  const served = (answer: QueueProduct['server']['answer']) => () => {
    product.server.answer = answer;
  };
  const stores = (store: QueueProduct['server']['store']) => () => {
    product.server.store = store;
  };
  const aside = () => join(product.root, 'unmounted');
  const unmount = () => {
    renameSync(product.folders.library, aside());
    mkdirSync(product.folders.library);
  };
  const remount = () => {
    rmSync(product.folders.library, { recursive: true });
    renameSync(aside(), product.folders.library);
  };
  const cases: Case[] = [
    {
      what: 'the provider is down',
      prepare: () => provided(replying(503))(),
      step: 'metadata',
      message: /provider has a fault/,
      code: 'unreachable',
      waits: true,
      repair: () => provided(undefined)(),
    },
    {
      what: 'the provider refuses the token',
      prepare: () => provided(replying(401))(),
      step: 'metadata',
      message: /refuses the token/,
      code: 'refused',
      waits: false,
      repair: () => provided(undefined)(),
    },
    {
      what: 'the provider does not know the code',
      prepare: () => void product.provider.facts.clear(),
      step: 'metadata',
      message: /does not know ABC-123/,
      code: 'code_unknown',
      waits: false,
      repair: () => void product.provider.facts.set('ABC-123', facts),
    },
    {
      what: 'the provider sends no JSON',
      prepare: () => provided(replying(200, '<html>'))(),
      step: 'metadata',
      message: /no JSON/,
      code: 'unusable',
      waits: false,
      repair: () => provided(undefined)(),
    },
    {
      what: 'the library is not mounted',
      prepare: unmount,
      step: 'extract',
      message: /marker file/,
      code: 'disk_unavailable',
      waits: true,
      repair: remount,
    },
    {
      what: 'the library is unmounted while the file is moved',
      prepare: () => {
        let isFirst = true;
        product.systems.boundary = (done) => {
          if (done !== 'linked' || !isFirst) return;
          isFirst = false;
          rmSync(join(product.folders.library, markerName));
        };
      },
      step: 'move',
      message: /marker file/,
      code: 'disk_unavailable',
      waits: true,
      repair: () => writeFileSync(join(product.folders.library, markerName), ''),
    },
    {
      what: 'a symbolic link leads out of the library',
      prepare: () => {
        mkdirSync(join(product.root, 'elsewhere'));
        symlinkSync(join(product.root, 'elsewhere'), join(product.folders.library, 'Ada Lumen'));
      },
      step: 'move',
      message: /leads out of/,
      code: 'file_outside',
      waits: false,
      repair: () => rmSync(join(product.folders.library, 'Ada Lumen')),
    },
    {
      what: 'the media server is down',
      prepare: () => served(replying(503))(),
      step: 'publish',
      message: /media server has a fault/,
      code: 'unreachable',
      waits: true,
      repair: () => served(undefined)(),
    },
    {
      what: 'the media server refuses the key',
      prepare: () => served(replying(401))(),
      step: 'publish',
      message: /refuses the key/,
      code: 'refused',
      waits: false,
      repair: () => served(undefined)(),
    },
    {
      what: 'the media server shows other values than were written',
      prepare: () => stores((item) => ({ ...item, Overview: 'Mine' }))(),
      step: 'publish',
      message: /other values than were written: Overview/,
      code: 'server_differs',
      waits: true,
      repair: () => stores((item) => item)(),
    },
  ];
  test.each(cases)(
    'because $what is said, and a retry goes on there',
    async ({ prepare, step, message, code, waits, repair }) => {
      const path = product.drop(name);
      await prepare();
      const id = await product.add(path);
      product.work();
      await becomes(id, 'error');
      const failed = await product.look(id);
      expect(failed).toMatchObject({
        failed_step: step,
        is_active: waits,
        error_message: expect.stringMatching(message),
        error_code: code,
      });
      expect(failed?.next_retry_at === null).toBe(!waits);
      expect(failed?.error_fingerprint).toMatch(/^[0-9a-f]{12}$/);
      repair();
      await retry(id);
      await becomes(id, 'completed');
      const copies = [...filesBelow(product.folders.library), ...filesBelow(product.folders.watch)];
      expect(copies).toEqual([placed]);
    },
  );

  test('because the media server does not find the file comes after all its looks; by name only one file counts', async () => {
    product.server.slowness = Number.POSITIVE_INFINITY;
    const id = await product.add(product.drop(name));
    product.work();
    await becomes(id, 'emby_pending');
    for (let looks = 1; looks <= 6; looks += 1) {
      await expect
        .poll(async () => (await product.db.selectFrom('console.queue_item').select('looks').executeTakeFirst())?.looks)
        .toBe(looks);
      expect(await product.look(id)).toMatchObject({ status: 'emby_pending' });
      await product.passTime();
    }
    await becomes(id, 'error');
    expect(await product.look(id)).toMatchObject({
      failed_step: 'publish',
      error_message: expect.stringContaining('has not found the file'),
      error_code: 'server_lacks_file',
      retry_count: 1,
    });
    expect(product.server.requests.filter((request) => request === 'POST Library/Refresh')).toHaveLength(1);
    product.server.slowness = 0;
    await retry(id);
    await becomes(id, 'completed');
  });

  test('of each of four attempts is counted, and the fourth is final', async () => {
    product.provider.answer = replying(503);
    const id = await product.add(product.drop(name));
    product.work();
    for (const count of [1, 2, 3]) {
      await expect.poll(async () => (await product.look(id))?.retry_count).toBe(count);
      await becomes(id, 'error');
      await product.passTime();
    }
    await rests(id);
    expect(await product.look(id)).toMatchObject({ status: 'error', retry_count: 3, next_retry_at: null });
  });
});

test('a full disk leaves the file in its place, and the move goes on when there is room', async ({ skip }) => {
  const { library } = product.folders;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', library]).status !== 0)
    skip('This user may not mount a file system.');
  onTestFinished(() => void spawnSync('umount', [library]));
  writeFileSync(join(library, markerName), '');
  writeFileSync(join(library, 'ballast'), Buffer.alloc(900_000));
  const content = 'a long film '.repeat(20_000);
  const id = await product.add(product.drop(name, content));
  product.work();
  await becomes(id, 'error');
  expect(await product.look(id)).toMatchObject({
    failed_step: 'move',
    is_active: true,
    error_message: expect.stringContaining('No space is left'),
    error_code: 'disk_full',
  });
  expect(product.content(join(product.folders.watch, name))).toBe(content);
  rmSync(join(library, 'ballast'));
  await retry(id);
  await becomes(id, 'completed');
  expect(product.content(join(library, placed))).toBe(content);
});

describe('a disk that does not respond', () => {
  const locks = async () => {
    const { rows } = await sql`select from pg_locks where locktype = 'advisory' and database = (
      select oid from pg_database where datname = current_database())`.execute(product.db);
    return rows.length;
  };

  test('ends the step with the reason; the slot is free, and no other attempt works on the file until the call returns', async () => {
    const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
    onTestFinished(() => letGo());
    let isFirst = true;
    const link: typeof fs.link = async (from, to) => {
      if (isFirst) {
        isFirst = false;
        await gate;
      }
      return fs.link(from, to);
    };
    product.work({ disk: openDisk({ calls: { ...fs, link }, patience: 300 }) });
    const id = await product.add(product.drop(name));
    await becomes(id, 'error');
    expect(await product.look(id)).toMatchObject({
      failed_step: 'move',
      is_active: true,
      error_message: expect.stringMatching(/does not respond\. Check that it is connected/),
    });
    // In another folder of the library, whose disk responds.
    product.provider.facts.set('ABC-124', { title: 'Another', actress: ['Bea'] });
    await becomes(await product.add(product.drop('ABC-124.mkv')), 'completed');
    expect(await locks()).toBe(1);
    // The call does its work after all.
    letGo();
    await expect.poll(locks).toBe(0);
    expect(filesBelow(product.folders.library)).toContain(placed);
    await product.passTime();
    await becomes(id, 'completed');
    expect(product.content(join(product.folders.library, placed))).toBe(name);
    expect(filesBelow(product.folders.watch)).toEqual([]);
  });

  test('keeps a step from beginning, without an attempt, until it is back', async ({ skip }) => {
    const aside = join(product.root, 'library of the dead disk');
    renameSync(product.folders.library, aside);
    mkdirSync(product.folders.library);
    const release = mountDeadDisk(product.folders.library);
    if (!release) return skip('This user may not mount a file system.');
    onTestFinished(release);
    const id = await product.add(product.drop(name));
    product.work({ disk: openDisk({ patience: 200 }) });
    await becomes(id, 'error');
    expect(await product.look(id)).toMatchObject({
      failed_step: 'extract',
      retry_count: 0,
      error_message: expect.stringContaining('does not respond'),
    });
    release();
    rmSync(product.folders.library, { recursive: true });
    renameSync(aside, product.folders.library);
    await expect
      .poll(async () => {
        await product.passTime();
        return (await product.look(id))?.status;
      })
      .toBe('completed');
  });
});

describe.skipIf(!existsSync('/dev/shm'))('a copy to another disk that is cancelled', () => {
  /** An item that waits for its move, and what a worker gives the step. */
  async function opened() {
    const two = await openQueue({ library: '/dev/shm' });
    onTestFinished(() => two.close());
    const id = await two.add(two.drop(name));
    await two.db
      .updateTable('console.queue_item')
      .set({ movie_code: 'ABC-123', metadata_json: JSON.stringify(facts) })
      .execute();
    const controller = new AbortController();
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const { db, systems: queue, transaction: checkpoint } = two;
    const finish = async () => {};
    const context = { db, log, checkpoint, finish, adapters: { queue }, signal: controller.signal } as never;
    const cancel = async () => {
      const run = (await two.look(id))?.run_id as string;
      await two.transaction((trx) => two.runs.cancel(trx, run, 'ann'));
    };
    const kept = async () => ({
      files: filesBelow(two.folders.library),
      source: two.content(join(two.folders.watch, name)),
      plan: (await db.selectFrom('console.queue_item').select('move').executeTakeFirstOrThrow()).move,
    });
    return { ...two, id, controller, context, cancel, kept };
  }
  const nothing = { files: [], source: name, plan: null };

  test('is removed when its run ends, and its item can be removed', async () => {
    const { id, runs, systems, controller, context, cancel, kept, transaction } = await opened();
    systems.boundary = (done) => {
      if (done === 'copied') controller.abort(new RunCancelled('The run was cancelled.'));
    };
    await expect(itemTasks.move.run({ item: id }, context)).rejects.toThrow('cancelled');
    expect(await kept()).toEqual(nothing);
    await cancel();
    await transaction((trx) => removeItem(trx, runs, id, starter));
  });

  test('while no worker has it is removed by the next clean-up; one whose run goes on is kept', async () => {
    const { id, systems, context, cancel, kept } = await opened();
    systems.boundary = (done) => {
      if (done === 'copy recorded') throw new Error('The worker ended.');
    };
    await expect(itemTasks.move.run({ item: id }, context)).rejects.toThrow('ended');
    await takeBackMoves.run({}, context);
    expect(await kept()).toMatchObject({ files: [expect.stringMatching(/\.part$/)], plan: { copied: {} } });
    await cancel();
    await takeBackMoves.run({}, context);
    expect(await kept()).toEqual(nothing);
  });
});

test('a file that changed since it was found is left, and the watcher takes it again', async () => {
  const path = product.drop(name);
  const id = await product.add(path);
  product.drop(name, 'a longer version of it');
  product.work();
  await rests(id);
  expect(await product.look(id)).toMatchObject({
    status: 'error',
    error_message: expect.stringContaining('has changed'),
    error_code: 'file_changed',
  });
  expect(await product.add(path)).toBe(id);
  await becomes(id, 'completed');
  expect(product.content(join(product.folders.library, placed))).toBe('a longer version of it');
});

test('what an item does not allow is refused with the reason', async () => {
  const id = await product.add(product.drop(name));
  const refused = (kind: string) => expect.objectContaining({ name: 'ItemRefused', kind });
  await expect(start(id, ['extract'])).rejects.toEqual(refused('active'));
  await expect(within((trx) => removeItem(trx, product.runs, id, starter))).rejects.toEqual(refused('active'));
  await expect(within((trx) => startFileRemoval(trx, product.runs, id, { starter }))).rejects.toEqual(
    refused('active'),
  );
  await expect(retry(id)).rejects.toEqual(refused('active'));
  product.work();
  await becomes(id, 'completed');
  await expect(retry(id)).rejects.toEqual(refused('status'));
  await product.db.updateTable('console.queue_item').set({ metadata_json: null, published_at: null }).execute();
  await expect(start(id, ['move'])).rejects.toEqual(refused('prerequisite'));
  await expect(within((trx) => reprocessItem(trx, product.runs, id, { starter }))).rejects.toEqual(refused('status'));
  await expect(start(404, ['extract'])).rejects.toMatchObject({ name: 'ItemNotFound' });
});

/** An item that waits for its next attempt, because its provider is down. */
async function waiting(): Promise<number> {
  product.provider.answer = (request, response) => {
    if (request === 'token') return false;
    response.writeHead(503).end();
    return true;
  };
  const id = await product.add(product.drop(name));
  product.work();
  await becomes(id, 'error');
  return id;
}

test('an item that waits for its next attempt takes every other action, which ends the run that waits', async () => {
  const id = await waiting();
  const before = await product.look(id);
  expect(before).toMatchObject({ is_active: true, next_retry_at: expect.any(String) });
  product.provider.answer = undefined;
  await start(id, ['extract', 'metadata', 'move', 'publish']);
  await becomes(id, 'completed');
  const runs = await product.db.selectFrom('console.run').select(['id', 'outcome']).execute();
  expect(runs).toContainEqual({ id: before?.run_id, outcome: 'cancelled' });
  expect(runs.map(({ outcome }) => outcome).toSorted()).toEqual(['cancelled', 'completed']);
});

test('a waiting item is removed with its run', async () => {
  const id = await waiting();
  await within((trx) => removeItem(trx, product.runs, id, starter));
  expect(await product.look(id)).toBeUndefined();
});

test('a retry does the steps that this installation can do, also when the run of the failure is gone', async () => {
  product.provider.facts.clear();
  const id = await product.add(product.drop(name));
  product.work({ server: null });
  await rests(id);
  expect(await product.look(id)).toMatchObject({ failed_step: 'metadata' });
  product.provider.facts.set('ABC-123', facts);
  const bare = { ...product.systems, server: null };
  const again = () => within<{ id: string }>((trx) => retryItem(trx, product.runsWith(bare), id, starter, bare));
  const steps = async () => (await product.steps(id)).map(({ ref }) => ref);
  const { id: run } = await again();
  expect(await steps()).toEqual(['metadata', 'move']);
  await becomes(id, 'moved');
  await rests(id);
  await sql`update console.queue_item set failed_run_id = ${run}, failed_step = 'metadata', error_message = 'Old.',
    new_path = null, file_path = new_path`.execute(product.db);
  await sql`delete from console.run`.execute(product.db);
  await again();
  expect(await steps()).toEqual(['metadata', 'move']);
});

test('a retry of a run that was continued as often as a run may be starts another one with the steps that are left', async () => {
  product.provider.facts.clear();
  const id = await product.add(product.drop(name));
  product.work();
  await rests(id);
  const spent = (await product.look(id))?.run_id;
  await sql`update console.run set retries = ${mostRetries}`.execute(product.db);
  product.provider.facts.set('ABC-123', facts);
  const another = await within<{ id: string }>((trx) => retryItem(trx, product.runs, id, starter, product.systems));
  expect(another.id).not.toBe(spent);
  expect((await product.steps(id)).map(({ ref }) => ref)).toEqual(['metadata', 'move', 'publish']);
  await becomes(id, 'completed');
});

test('metadata that are fetched again leave an item published if they are the same, or are not to be published', async () => {
  const id = await completed();
  await start(id, ['metadata']);
  await rests(id);
  expect(await product.look(id)).toMatchObject({ status: 'completed' });
  product.provider.facts.set('ABC-123', { ...facts, title: 'Another' });
  await within((trx) => startItem(trx, product.runs, id, ['metadata'], { starter, staysPublished: true }));
  await rests(id);
  expect(await product.look(id)).toMatchObject({ status: 'completed', metadata_json: { title: 'Another' } });
  product.provider.facts.set('ABC-123', { ...facts, title: 'A third' });
  await start(id, ['metadata']);
  await rests(id);
  expect(await product.look(id)).toMatchObject({ status: 'moved', next_step: 'publish' });
});

test('a place that another item should have had, whose file is gone, is taken from that item', async () => {
  const id = await completed();
  const path = join(product.folders.library, placed);
  const numbered = path.replace('.mkv', ' (1).mkv');
  await sql`
    insert into console.queue_item (file_path, file, new_path) values ('/gone.mkv', '{}', ${numbered})
  `.execute(product.db);
  await sql`update console.queue_item set new_path = null, published_at = null, file_path = '/other.mkv' where id = ${id}`.execute(
    product.db,
  );
  const second = await product.add(product.drop('ABC-123 second English.mkv', 'second'));
  await becomes(second, 'completed');
  expect((await product.look(second))?.new_path).toBe(numbered);
});

test('a file outside of the folders is never moved', async () => {
  const outside = join(product.root, 'ABC-123 outside.mkv');
  writeFileSync(outside, 'mine');
  const id = await product.add(outside);
  product.work();
  await rests(id);
  expect(await product.look(id)).toMatchObject({ status: 'error', failed_step: 'move' });
  await within((trx) => startFileRemoval(trx, product.runs, id, { starter }));
  await rests(id);
  expect(await product.look(id)).toMatchObject({
    failed_step: 'remove_file',
    error_message: expect.stringContaining('outside of the folders'),
  });
  expect(product.content(outside)).toBe('mine');
});

test('a step without its settings is refused with their names', async () => {
  const id = await completed();
  const { Runs } = await import('@at/runs/runs');
  const { JobQueue } = await import('@at/runs/job-queue');
  const queue = new JobQueue(
    { connection: product.database.connectionString },
    { supervises: false, onError: console.error },
  );
  const bare = new Runs(queue, { queue: openQueueSystems({ folders: null, provider: null, server: null }) });
  const steps: [QueueStep, RegExp][] = [
    ['extract', /QUEUE_WATCH_PATH, QUEUE_LIBRARY_PATH, QUEUE_UNPROCESSED_PATH/],
    ['metadata', /QUEUE_PROVIDER_URL/],
    ['move', /QUEUE_LIBRARY_PATH/],
    ['publish', /MEDIA_SERVER_URL, MEDIA_SERVER_API_KEY/],
  ];
  for (const [step, names] of steps) {
    await expect(within((trx) => startItem(trx, bare, id, [step], { starter }))).rejects.toThrow(names);
  }
});
