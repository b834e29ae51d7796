import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import {
  closedPort,
  type Daemon,
  magnetOf,
  randomHash,
  shareFile,
  startTransmission,
} from '@at/adapters/test/transmission-daemon';
import { openTransmission } from '@at/adapters/transmission';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { createTestDatabase, emptyTables } from '@at/db/testing';
import { JobQueue } from '@at/runs/job-queue';
import { findRun } from '@at/runs/reports';
import { Runs } from '@at/runs/runs';
import { Worker } from '@at/runs/worker';
import { type Kysely, sql } from 'kysely';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { findDownloads, markDownloaded } from '../queries.ts';
import { downloadWatch, watchOf } from './download-watch.ts';

/** With a real Transmission. */

let connection: string;
let db: Kysely<DB>;
let daemon: Daemon;
beforeAll(async () => {
  daemon = await startTransmission();
  const database = await createTestDatabase('plain');
  connection = database.connectionString;
  db = createDb(createPool({ connection }));
  return async () => {
    await db.destroy();
    await database.drop();
    await daemon.stop();
  };
});
beforeEach(async () => {
  await emptyTables(db, 'atp.media', 'console.run', 'console.intent');
});

/** A worker on this Transmission, and the run that it does. */
async function watch(transmission: ReturnType<typeof openTransmission>, task = downloadWatch) {
  const options = { connection };
  const queue = new JobQueue(options, { supervises: false, onError: console.error });
  const adapters = { transmission };
  const lines: string[] = [];
  const write = (first: object | string, second?: string) => void lines.push(second ?? (first as string));
  const log = { info: write, warn: write, error: write };
  const worker = new Worker({ database: options, tasks: [task], schedules: [], adapters, log, version: '0' });
  worker.start();
  onTestFinished(async () => {
    await worker.stop();
    await queue.stop();
  });
  const runs = new Runs(queue, adapters);
  const actor = { name: 'ann', verified: true };
  const { id } = await db
    .transaction()
    .execute((trx) => runs.start(trx, downloadWatch, {}, { starter: { trigger: 'manual', actor } }));
  return {
    lines,
    run: () => findRun(db, id),
    cancel: () => db.transaction().execute((trx) => runs.cancel(trx, id, 'ann')),
  };
}

async function insert(status: string, { hash = randomHash(), link = magnetOf(hash) } = {}): Promise<string> {
  await sql`
    insert into atp.media (hash, media_title, media_type, original_title, original_link, pipeline_status, rejection_status)
    values (${hash}, ${hash}, 'movie', ${hash}, ${link}, ${status}, 'accepted')
  `.execute(db);
  return hash;
}

const statusOf = async (hash: string) =>
  (await sql<{ pipeline_status: string }>`select pipeline_status from atp.media where hash = ${hash}`.execute(db))
    .rows[0]?.pipeline_status;

/** A torrent whose data Transmission has and has checked. */
async function download(transmission: ReturnType<typeof openTransmission>, { isDamaged = false } = {}) {
  const film = await shareFile(daemon, `${randomBytes(6).toString('hex')}.mkv`);
  onTestFinished(film.close);
  if (isDamaged) {
    const content = await readFile(film.file);
    content.writeUInt8(content.readUInt8(19_999) ^ 1, 19_999);
    await writeFile(film.file, content);
  }
  await transmission.add(film.link);
  const isChecked = async () => (await transmission.list([film.hash]))[0]?.percent === (isDamaged ? 81.9 : 100);
  await expect.poll(isChecked).toBe(true);
  return film;
}

test('an item whose torrent is complete is downloaded, without a media event, and the watch ends when nothing downloads', async () => {
  const transmission = openTransmission(daemon.settings);
  const film = await download(transmission);
  const item = await insert('downloading', film);
  const other = await download(transmission);
  // The link has another hash, which Transmission gave to an approval.
  const learned = await insert('downloading', { link: 'https://example.org/torrent' });
  await sql`
    insert into console.intent (action, hash, owner, plan, done_at)
    values ('approve', ${learned}, 1, ${JSON.stringify({ link: '', present: [], torrent: other.hash })}::jsonb, now())
  `.execute(db);
  // Its run has ended, so nothing is changing the torrent.
  await sql`
    with ended as (
      insert into console.run (task, params, trigger, outcome, finished_at) values ('media.torrent', '{}', 'event', 'cancelled', now())
      returning id
    )
    insert into console.intent (action, hash, owner, plan, run_id) select 'approve', ${item}, 1, '{}', id from ended
  `.execute(db);
  const { run } = await watch(transmission);
  await expect.poll(async () => (await run())?.state).toBe('completed');
  expect([await statusOf(item), await statusOf(learned)]).toEqual(['downloaded', 'downloaded']);
  expect((await run())?.steps[0]?.output).toEqual({ downloaded: 2 });
  expect((await sql`select from console.media_event`.execute(db)).rows).toEqual([]);
});

test('an item stays while its data is damaged, its torrent is unknown, or something else changes it', async () => {
  const transmission = openTransmission(daemon.settings);
  const whole = await download(transmission);
  const damaged = await insert('downloading', await download(transmission, { isDamaged: true }));
  const unknown = await insert('downloading');
  const accepted = await insert('media_accepted', await download(transmission));
  const deleted = await insert('downloading', await download(transmission));
  await sql`update atp.media set deleted_at = now() where hash = ${deleted}`.execute(db);
  const changing = await insert('downloading', await download(transmission));
  await sql`
    insert into console.intent (action, hash, owner, plan) values ('remove_torrent', ${changing}, 1, '{}')
  `.execute(db);
  const seen = await insert('downloading', whole);
  const { run, cancel } = await watch(transmission);
  await expect.poll(async () => (await run())?.progress?.done).toBe(1);
  expect(await statusOf(seen)).toBe('downloaded');
  expect(await Promise.all([damaged, unknown, accepted, deleted, changing].map(statusOf))).toEqual([
    'downloading',
    'downloading',
    'media_accepted',
    'downloading',
    'downloading',
  ]);
  await cancel();
  await expect.poll(async () => (await run())?.state).toBe('cancelled');
});

test('an item that was changed since it was read, or that another session holds, is not written and not waited for', async () => {
  const hash = await insert('downloading');
  const [download] = await findDownloads(db);
  if (!download) throw new Error('Nothing downloads.');
  const held = createDb(createPool({ connection }));
  onTestFinished(() => held.destroy());
  await held.transaction().execute(async (trx) => {
    await sql`select from atp.media where hash = ${hash} for update`.execute(trx);
    expect(await markDownloaded(db, download)).toBe(false);
  });
  await sql`update atp.media set updated_at = now() + interval '1 second' where hash = ${hash}`.execute(db);
  expect(await markDownloaded(db, download)).toBe(false);
  expect(await statusOf(hash)).toBe('downloading');
});

test('a Transmission that cannot be reached is said once, and does not end the watch', async () => {
  await insert('downloading');
  const gone = openTransmission({ ...daemon.settings, port: closedPort });
  let looks = 0;
  const counted = {
    ...gone,
    finished: (hashes: string[]) => {
      looks += 1;
      return gone.finished(hashes);
    },
  };
  const { lines, run, cancel } = await watch(counted, watchOf(20));
  await expect.poll(async () => (await run())?.progress?.message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
  await expect.poll(() => looks).toBeGreaterThan(3);
  expect((await run())?.state).toBe('running');
  expect(lines.filter((line) => line.includes('cannot be reached'))).toHaveLength(1);
  await cancel();
  await expect.poll(async () => (await run())?.state).toBe('cancelled');
});
