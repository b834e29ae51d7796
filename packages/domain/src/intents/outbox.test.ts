import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openQueueSystems } from '@at/adapters/queue-systems';
import {
  type Daemon,
  magnetOf,
  pausing,
  randomHash,
  shareFile,
  startTransmission,
} from '@at/adapters/test/transmission-daemon';
import { openTransmission, type Transmission, TransmissionError } from '@at/adapters/transmission';
import { createDb, createPool } from '@at/db/client';
import { migrationSets } from '@at/db/migrate';
import type { DB } from '@at/db/schema';
import { sized } from '@at/db/test-size';
import { createTestDatabase, emptyTables } from '@at/db/testing';
import { JobQueue } from '@at/runs/job-queue';
import { findRun } from '@at/runs/reports';
import { Runs } from '@at/runs/runs';
import { mostRetries } from '@at/runs/states';
import { Worker } from '@at/runs/worker';
import { type Kysely, sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { addTorrents, approve, removeTorrent, revertApproval } from '../media/torrents.ts';
import { changeMedia, namedChanges, softDelete } from '../media/writes.ts';
import { type TaskAdapters, tasks } from '../tasks.ts';
import { versionedKey } from '../versioned-keys.ts';
import { outboxDuty } from './outbox.ts';
import { holdOwner } from './owner.ts';
import { findIntent, type Intent, insertIntent } from './queries.ts';

/** What becomes of intents that no process is doing, with a real Transmission. */

let connection: string;
let db: Kysely<DB>;
let queue: JobQueue;
let daemon: Daemon;
let transmission: Transmission;
beforeAll(async () => {
  daemon = await startTransmission();
  transmission = openTransmission(daemon.settings);
  const database = await createTestDatabase('plain');
  connection = database.connectionString;
  db = createDb(createPool({ connection }));
  queue = new JobQueue({ connection }, { supervises: false, onError: console.error });
  return async () => {
    await queue.stop();
    await db.destroy();
    await database.drop();
    await daemon.stop();
  };
});
beforeEach(async () => {
  await emptyTables(db, 'atp.media', 'console.run', 'console.intent', 'console.operation');
});

/** A process that lives, and one that does not. */
const [living, dead] = [7, 8];
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const ann = { name: 'ann', verified: true };

/** A worker on this Transmission, the warnings that it logs, and how often it has looked for intents. */
function work(used: Transmission = transmission, url = connection) {
  const adapters: TaskAdapters = {
    files: { enabled: false, mode: 'trash', roots: {} },
    metadata: { movie: { tmdb: null, omdb: null }, tv: { tmdb: null, omdb: null } },
    queue: openQueueSystems({ folders: null, provider: null, server: null }),
    transmission: used,
  };
  const warnings: string[] = [];
  const duty = outboxDuty(adapters, 20);
  let looks = 0;
  const counted: typeof duty.work = (...given) =>
    duty.work(...given).finally(() => {
      looks += 1;
    });
  const warn = (first: object | string, second?: string) => void warnings.push(second ?? (first as string));
  const worker = new Worker({
    database: { connection: url },
    tasks,
    schedules: [],
    duties: [{ ...duty, work: counted }],
    adapters,
    log: { ...quiet, warn, error: warn },
    version: '0',
  });
  worker.start();
  onTestFinished(() => worker.stop());
  return { warnings, looks: () => looks, stop: () => worker.stop() };
}

async function newItem(status = 'ingested', link?: string): Promise<string> {
  const hash = randomHash();
  await sql`
    insert into atp.media (hash, media_title, media_type, original_title, original_link, pipeline_status)
    values (${hash}, ${hash}, 'movie', ${hash}, ${link ?? magnetOf(hash)}, ${status})
  `.execute(db);
  return hash;
}

/** Deletes an item whose torrent Transmission has, as a process that ends before it removes the torrent. */
async function leave(owner = dead, operation?: string): Promise<string> {
  const hash = await newItem();
  await transmission.add(magnetOf(hash));
  const write = { target: versionedKey(hash, undefined), actor: ann, removal: { with_data: true, owner } };
  await softDelete(db, operation === undefined ? write : { ...write, operation });
  // The first seconds belong to the process.
  await sql`update console.intent set at = now() - interval '10 seconds'`.execute(db);
  return hash;
}

const isThere = async (hash: string) => (await transmission.present([hash])).length > 0;
const open = async () => (await sql`select from console.intent where done_at is null`.execute(db)).rows.length;
const runsOf = async () =>
  (await db.selectFrom('console.run').select(['id', 'task', 'subject_id', 'requested_by', 'outcome']).execute()) ?? [];
const only = async () => (await runsOf())[0]?.id as string;
const run = async () => findRun(db, await only());
const becomes = (state: string) => expect.poll(async () => (await run())?.state, { interval: 20 }).toBe(state);
const runs = () => new Runs(queue, { transmission });
/** Makes the next attempts due now. */
const hasten = () => sql`update console.job set start_after = now() where state < 'active'`.execute(db);
/** The run of the latest intent has ended, after so many retries. */
async function giveUp(retries = 0, outcome = 'failed'): Promise<void> {
  await sql`
    with failed as (
      insert into console.run (task, params, trigger, outcome, finished_at, retries)
      values ('media.torrent', '{}', 'event', ${outcome}, now(), ${retries})
      returning id
    )
    update console.intent set run_id = failed.id from failed where intent_id = (select max(intent_id) from console.intent)
  `.execute(db);
}

/** A worker has looked for intents since. */
async function looked(): Promise<void> {
  const later = await leave();
  await expect.poll(() => isThere(later)).toBe(false);
  await expect
    .poll(async () => (await runsOf()).find(({ subject_id }) => subject_id === later)?.outcome)
    .toBe('completed');
  await sql`delete from console.run where subject_id = ${later}`.execute(db);
}

test('what a process left becomes a run of the item, in the name of who wanted it; a process that lives keeps its own', async () => {
  const stop = holdOwner(db, living, quiet, 50);
  onTestFinished(stop);
  await expect
    .poll(
      async () => (await sql`select from pg_locks where locktype = 'advisory' and objid = ${living}`.execute(db)).rows,
    )
    .toHaveLength(1);
  const mine = await leave(living);
  const hash = await leave(dead);
  work();
  await expect.poll(() => isThere(hash)).toBe(false);
  await expect
    .poll(runsOf)
    .toEqual([
      { id: expect.any(String), task: 'media.torrent', subject_id: hash, requested_by: 'ann', outcome: 'completed' },
    ]);
  // To delete an item with its data needs an admin, and so does a retry.
  expect((await run())?.params).toEqual({ intent: expect.any(Number), role: 'admin' });
  expect((await run())?.steps[0]?.output).toEqual({ action: 'remove_torrent' });
  expect([await isThere(mine), await open()]).toEqual([true, 1]);
  await stop();
  await expect.poll(() => isThere(mine)).toBe(false);
});

test('what succeeds at once leaves no run', async () => {
  work();
  const hashes = await Promise.all(Array.from({ length: sized(40, 1_000) }, () => newItem()));
  for (const hash of hashes) await approveWith(transmission, hash);
  await looked();
  expect([await runsOf(), await open()]).toEqual([[], 0]);
});

test('while Transmission is away the run waits and says why, however long; when it is back, the run ends', async () => {
  const hash = await leave();
  let isAway = true;
  let looks = 0;
  const present: Transmission['present'] = async (hashes) => {
    looks += 1;
    if (isAway) throw new TransmissionError('Transmission cannot be reached.');
    return transmission.present(hashes);
  };
  work({ ...transmission, present });
  for (let times = 1; times < 4; times += 1) {
    await expect
      .poll(async () => {
        await hasten();
        return looks;
      })
      .toBeGreaterThanOrEqual(times);
  }
  await becomes('queued');
  expect((await run())?.error?.message).toBe('Transmission cannot be reached.');
  expect((await run())?.steps[0]?.attempts).toEqual([]);
  isAway = false;
  await expect
    .poll(async () => {
      await hasten();
      return (await run())?.state;
    })
    .toBe('completed');
  expect([await isThere(hash), await open(), (await run())?.error]).toEqual([false, 0, null]);
});

test('a torrent that is refused for good fails the run, which is not started again; a person retries it', async () => {
  const shared = await shareFile(daemon, `refused-${randomHash()}.mkv`);
  onTestFinished(shared.close);
  let isRefused = true;
  const tracker = createServer((_request, response) =>
    isRefused
      ? response.writeHead(404).end()
      : void fetch(shared.link).then(async (found) => response.end(Buffer.from(await found.arrayBuffer()))),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => void tracker.close());
  await expect.poll(() => tracker.listening).toBe(true);
  const hash = await newItem('downloading');
  const links = [`http://127.0.0.1:${(tracker.address() as AddressInfo).port}/film.torrent`];
  await insertIntent(db, 'add_torrent', { hash, owner: dead, plan: { links } });
  await sql`update console.intent set at = now() - interval '10 seconds'`.execute(db);
  work();
  await expect
    .poll(async () => {
      await hasten();
      return (await run())?.state;
    })
    .toBe('failed');
  expect((await run())?.error).toMatchObject({
    code: 'incomplete',
    message: expect.stringMatching(/^The torrent was not added again\. Transmission refused: /),
  });
  expect((await run())?.steps[0]?.attempts).toHaveLength(5);
  expect((await run())?.params).toMatchObject({ role: 'operator' });
  await looked();
  expect([(await runsOf()).length, await open()]).toEqual([1, 1]);

  isRefused = false;
  await db.transaction().execute(async (trx) => runs().retry(trx, await only()));
  await becomes('completed');
  expect([await isThere(shared.hash), await open()]).toEqual([true, 0]);
});

test('a cancelled run leaves the torrent, and is not started again; a retry removes it', async () => {
  const hash = await leave();
  let isAway = true;
  const present: Transmission['present'] = async (hashes) => {
    if (isAway) throw new TransmissionError('Transmission cannot be reached.', { failure: 'unreachable' });
    return transmission.present(hashes);
  };
  work({ ...transmission, present });
  await expect
    .poll(async () => (await run())?.error)
    .toMatchObject({ code: 'unreachable', message: 'Transmission cannot be reached.' });
  await db.transaction().execute(async (trx) => runs().cancel(trx, await only(), 'ann'));
  isAway = false;
  await becomes('cancelled');
  await looked();
  expect([await isThere(hash), (await runsOf()).length, await open()]).toEqual([true, 1, 1]);
  await db.transaction().execute(async (trx) => runs().retry(trx, await only()));
  await becomes('completed');
  expect([await isThere(hash), await open()]).toEqual([false, 0]);
});

/** Its replies to one call come so late as to a process that was frozen. */
const frozen = (call: 'add' | 'remove') => pausing(transmission, call, 'after');

test('a process that was frozen during its call undoes nothing that its successor has done', async () => {
  const removed = await newItem('downloaded');
  await transmission.add(magnetOf(removed));
  const write = { actor: ann, action: 'finish', change: namedChanges.finish } as const;
  const target = versionedKey(removed, undefined);
  const [finish] = await changeMedia(db, { ...write, target, removal: { with_data: false, owner: dead } });
  const removal = (await findIntent(db, finish?.removal as Intent<'remove_torrent'>)) as Intent<'remove_torrent'>;
  const first = frozen('remove');
  const doing = removeTorrent(db, first.slow, removal, quiet);
  await first.reached;
  const again = (await findIntent(db, removal)) as Intent<'remove_torrent'>;
  expect(await removeTorrent(db, transmission, again, quiet)).toEqual({ removed: [] });
  first.release();
  await doing;
  expect([await isThere(removed), await open()]).toEqual([false, 0]);
  const { rows } = await sql`select links from console.media_removal where hash = ${removed}`.execute(db);
  expect(rows).toEqual([{ links: [magnetOf(removed)] }]);

  const hash = await newItem('downloaded');
  const plan = { links: [magnetOf(hash)] };
  const addition = await insertIntent(db, 'add_torrent', { hash, owner: dead, plan });
  const second = frozen('add');
  const adding = addTorrents(db, second.slow, addition, quiet);
  await second.reached;
  await addTorrents(db, transmission, addition, quiet);
  second.release();
  await adding;
  expect([await isThere(hash), await open()]).toEqual([true, 0]);
});

/** Approves an item with this Transmission, as a process whose lock is gone. */
const approveWith = (used: Transmission, hash: string) =>
  approve(db, used, { hash, link: magnetOf(hash), owner: dead }, quiet, (added, _isNew, done) =>
    db.transaction().execute(async (trx) => {
      await changeMedia(trx, {
        target: versionedKey(hash, undefined),
        actor: ann,
        action: 'approve',
        change: namedChanges.approve,
        added,
      });
      await done(trx);
    }),
  );
const intentOf = async (hash: string) =>
  findIntent(
    db,
    (await sql`select intent_id from console.intent where hash = ${hash}`.execute(db)).rows[0] as Intent<'approve'>,
  );
const statusOf = async (hash: string) =>
  (await db.selectFrom('atp.media').select('pipeline_status').where('hash', '=', hash).executeTakeFirst())
    ?.pipeline_status;

describe('an approval that a worker has reverted', () => {
  const undone = expect.objectContaining({ message: expect.stringContaining('Another process') });

  test('changes nothing, and says why', async () => {
    const hash = await newItem();
    const late = frozen('add');
    const doing = approveWith(late.slow, hash).catch((error: unknown) => error);
    await late.reached;
    await sql`update console.intent set at = now() - interval '10 seconds'`.execute(db);
    work();
    await expect.poll(open).toBe(0);
    late.release();
    expect(await doing).toEqual(undone);
    expect([await statusOf(hash), await isThere(hash), await open()]).toEqual(['ingested', false, 0]);
  });

  test('changes nothing while the worker removes the torrent', async () => {
    const hash = await newItem();
    const [adding, removing] = [frozen('add'), frozen('remove')];
    const doing = approveWith(adding.slow, hash).catch((error: unknown) => error);
    await adding.reached;
    const reverting = revertApproval(db, removing.slow, (await intentOf(hash)) as Intent<'approve'>, quiet);
    await removing.reached;
    adding.release();
    expect(await doing).toEqual(undone);
    removing.release();
    await reverting;
    expect([await statusOf(hash), await isThere(hash), await open()]).toEqual(['ingested', false, 0]);
  });

  test('removes its torrent that comes only afterwards', async () => {
    const hash = await newItem();
    const adding = pausing(transmission, 'add', 'before');
    const doing = approveWith(adding.slow, hash).catch((error: unknown) => error);
    await adding.reached;
    await sql`update console.intent set at = now() - interval '1 hour'`.execute(db);
    await revertApproval(db, transmission, (await intentOf(hash)) as Intent<'approve'>, quiet);
    expect(await open()).toBe(0);
    adding.release();
    expect(await doing).toEqual(undone);
    expect([await statusOf(hash), await isThere(hash), await open()]).toEqual(['ingested', false, 0]);
  });

  test('keeps its torrent if it has succeeded before the removal began', async () => {
    const hash = await newItem();
    const adding = frozen('add');
    const doing = approveWith(adding.slow, hash);
    await adding.reached;
    const found = (await intentOf(hash)) as Intent<'approve'>;
    const present: Transmission['present'] = async (hashes) => {
      const reply = await transmission.present(hashes);
      adding.release();
      await doing;
      return reply;
    };
    await revertApproval(db, { ...transmission, present }, found, quiet);
    expect([await statusOf(hash), await isThere(hash), await open()]).toEqual(['media_accepted', true, 0]);
  });
});

test('what a failed run has left is taken up when the run is deleted by its age', async () => {
  const hash = await leave();
  await giveUp();
  work();
  await looked();
  expect(await isThere(hash)).toBe(true);
  // As the clean-up does after 90 days.
  await sql`delete from console.run`.execute(db);
  await expect.poll(() => isThere(hash)).toBe(false);
});

test('what a run has left that can no longer be continued becomes another run, however it ended', async () => {
  const failed = await leave();
  await giveUp(mostRetries);
  const cancelled = await leave();
  await giveUp(mostRetries, 'cancelled');
  const continuable = await leave();
  await giveUp(mostRetries - 1);
  const { looks } = work();
  await expect.poll(() => transmission.present([failed, cancelled, continuable])).toEqual([continuable]);
  const before = looks();
  await expect.poll(looks).toBeGreaterThan(before + 1);
  const started = (await runsOf()).flatMap(({ subject_id }) => subject_id ?? []);
  expect([started.toSorted(), await open()]).toEqual([[failed, cancelled].toSorted(), 1]);
});

test('of two workers one does each intent, in one run and one attempt', async () => {
  const hashes: string[] = [];
  for (let i = 0; i < sized(30, 250); i += 1) hashes.push(await leave());
  work();
  work();
  await expect.poll(open, { timeout: 60_000 }).toBe(0);
  const finished = async () => (await runsOf()).filter(({ outcome }) => outcome === 'completed').length;
  await expect.poll(finished, { timeout: 60_000 }).toBe(hashes.length);
  expect(new Set((await runsOf()).map(({ subject_id }) => subject_id)).size).toBe(hashes.length);
  const { rows } = await sql`select outcome from console.step_attempt`.execute(db);
  expect(rows).toEqual(hashes.map(() => ({ outcome: 'completed' })));
  expect(await transmission.present(hashes)).toEqual([]);
});

test('at most a hundred wait at a time for a Transmission that is away', async () => {
  for (let i = 0; i < 105; i += 1)
    await insertIntent(db, 'add_torrent', { hash: randomHash(), owner: dead, plan: { links: [] } });
  await sql`update console.intent set at = now() - interval '10 seconds'`.execute(db);
  let looks = 0;
  const present: Transmission['present'] = async () => {
    looks += 1;
    throw new TransmissionError('Transmission cannot be reached.');
  };
  work({ ...transmission, present });
  await expect.poll(() => looks).toBeGreaterThanOrEqual(100);
  expect((await runsOf()).length).toBe(100);
});

test('where Transmission is not configured nothing is started and nothing is logged', async () => {
  await leave();
  const { warnings, looks, stop } = work(openTransmission(null));
  await expect.poll(looks).toBeGreaterThan(1);
  expect((await sql`select from console.worker where not 'media.torrent' = any(tasks)`.execute(db)).rows.length).toBe(
    1,
  );
  await stop();
  expect([await runsOf(), await open(), warnings]).toEqual([[], 1, []]);
});

test('what the version before has left is done after the upgrade', async () => {
  const old = await createTestDatabase('plain');
  onTestFinished(old.drop);
  const before = createDb(createPool({ connection: old.connectionString }));
  onTestFinished(() => before.destroy());
  await sql`alter table console.intent drop column run_id`.execute(before);
  const [removed, added] = [randomHash(), randomHash()];
  await transmission.add(magnetOf(removed));
  await sql`
    insert into atp.media (hash, media_title, media_type, original_title, original_link, pipeline_status, deleted_at)
    values (${removed}, 'a', 'movie', 'a', ${magnetOf(removed)}, 'ingested', now()),
      (${added}, 'b', 'movie', 'b', ${magnetOf(added)}, 'downloading', null)
  `.execute(before);
  // One of a process that ended, and one whose next attempt its replayer would have made.
  await sql`
    insert into console.intent (action, hash, owner, plan, at, retry_at)
    values ('remove_torrent', ${removed}, ${dead}, ${{ link: magnetOf(removed), with_data: true, media_event: null }}::jsonb,
        now() - interval '1 minute', now() + interval '1 minute'),
      ('add_torrent', ${added}, ${dead}, ${{ links: [magnetOf(added)] }}::jsonb, now() - interval '1 hour', now())
  `.execute(before);
  const migration = join(migrationSets.console.directory, 'V27__run_of_intent.sql');
  await sql.raw(readFileSync(migration, 'utf8')).execute(before);
  const { stop } = work(transmission, old.connectionString);
  await expect.poll(async () => [await isThere(removed), await isThere(added)]).toEqual([false, true]);
  const runs = () => before.selectFrom('console.run').select(['task', 'outcome']).execute();
  const completed = { task: 'media.torrent', outcome: 'completed' };
  await expect.poll(runs).toEqual([completed, completed]);
  await stop();
});

test('a bulk change that goes on keeps its intents', async () => {
  const id = '22222222-2222-4222-8222-222222222222';
  await sql`
    insert into console.operation (operation_id, subject, action, state, total, actor)
    values (${id}, 'media', 'delete', 'running', 1, 'ann')
  `.execute(db);
  const hash = await leave(dead, id);
  work();
  await looked();
  expect([await isThere(hash), await runsOf()]).toEqual([true, []]);
  await sql`update console.operation set state = 'done'`.execute(db);
  await expect.poll(() => isThere(hash)).toBe(false);
});

test('an approval is reverted when the run of a later one of its item has ended without success', async () => {
  const hash = await newItem();
  const link = magnetOf(hash);
  await transmission.add(link);
  for (let i = 0; i < 2; i += 1) await insertIntent(db, 'approve', { hash, owner: dead, plan: { link, present: [] } });
  await giveUp();
  await sql`update console.intent set at = now() - interval '1 hour'`.execute(db);
  work();
  await expect.poll(() => isThere(hash)).toBe(false);
  await expect.poll(open).toBe(1);
});
