import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Problem } from '@at/contracts/problem';
import type { Readiness } from '@at/contracts/system';
import { startCluster } from '@at/db/embedded';
import { migrate, migrationSets } from '@at/db/migrate';
import { sized } from '@at/db/test-size';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

/**
 * Two disks can fill up during an export; the API writes to none. When the caller's is full, it disconnects, and the API stops
 * reading. When the database's is full, an export that sorts without an index is refused or cut off, and others continue.
 */

const rows = sized(20_000, 40_000);

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await sql`
    insert into atp.training (imdb_id, media_type, media_title, release_year, budget, overview)
    select 'tt' || lpad(i::text, 8, '0'), 'movie', 'Title ' || i, 2000, i * 7919 % 20011, repeat(i || ' is a number. ', 100)
    from generate_series(1, ${rows}) i
  `.execute(app.db);
});
afterAll(() => app.close());

/** Nothing of an export is left: no request at work, no connection taken. */
async function expectNothingLeft(): Promise<void> {
  const metrics = async () => (await app.call('GET', '/metrics')).text;
  while (!/^http_requests_in_flight 1$/m.test(await metrics()));
  const busy = () =>
    sql`
      select pid from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and backend_type = 'client backend'
    `.execute(app.db);
  while ((await busy()).rows.length > 0);
  expect((await app.call('GET', '/training?limit=1')).status).toBe(200);
}

test.runIf(process.platform === 'linux').for(['csv', 'json', 'ndjson'])(
  'a caller whose disk is full while it stores %s leaves nothing behind here',
  async (format, { annotate }) => {
    const url = `http://127.0.0.1:${app.port}/rear-diff/training/export?format=${format}`;
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    // A device on which every write finds the disk full.
    await expect(pipeline(response, createWriteStream('/dev/full'))).rejects.toThrow('ENOSPC');
    expect(response.complete).toBe(false);
    await expectNothingLeft();
    await annotate(`export of ${rows} titles; 0 requests, 0 connections left`, 'figure');
  },
);

test('where the database has no room to sort, that export is 503 or cut off, and one that an index serves continues', async ({
  annotate,
}) => {
  const own = await startTestApp({ database: app.config.database as string, prepare: leaveNoRoom });
  try {
    const sorted = own.call<Problem>('GET', '/training/export?format=ndjson&sort_by=budget');
    // Cut off where the first rows could be sorted in memory.
    expect(await sorted.catch(() => 'cut off')).toSatisfy(
      (reply) => reply === 'cut off' || (reply.status === 503 && reply.body.details === 'The database is overloaded.'),
    );
    const served = await own.call('GET', '/training/export?format=ndjson&sort_by=created_at');
    expect(served.status).toBe(200);
    expect(served.text.split('\n')).toHaveLength(rows + 1);
  } finally {
    await own.close();
  }
  await expectNothingLeft();
  await annotate(`the other export had all ${rows} titles`, 'figure');
});

/**
 * A limit where the disk would end: the sort fails at the same place, in the same class of errors (53). The memory is
 * enough for the rows of one batch and not for those of the table.
 */
async function leaveNoRoom(): Promise<void> {
  const { rows: names } = await sql<{ name: string }>`select current_database() as name`.execute(app.db);
  const name = sql.ref(names[0]?.name as string);
  await sql`alter database ${name} set temp_file_limit = '64kB'`.execute(app.db);
  await sql`alter database ${name} set work_mem = '2MB'`.execute(app.db);
}

/** A file system of its own in memory; undefined where this user may not mount one. */
function mountSmallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'at-test-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=112m', 'at-test', directory]);
  if (status === 0) return directory;
  rmSync(directory, { recursive: true });
  return undefined;
}

test('the full disk of the data directory is named by requests, /readyz and a start, until there is room', async ({
  annotate,
  skip,
}) => {
  const disk = mountSmallDisk() ?? skip('This user may not mount a file system.');
  onTestFinished(() => {
    spawnSync('umount', ['--lazy', disk]);
    rmSync(disk, { recursive: true });
  });
  const directory = join(disk, 'data');
  const cluster = await startCluster({ directory });
  onTestFinished(() => cluster.stop());
  const database = cluster.connectionString('postgres');
  for (const set of [migrationSets.atp, migrationSets.console]) await migrate(database, set);
  const own = await startTestApp({
    // Sorts on disk.
    database: `${database}&options=${encodeURIComponent('-c work_mem=64kB')}`,
    deps: () => ({ database: { embedded: true, directory } }),
  });
  try {
    await sql`
        insert into atp.training (imdb_id, media_type, media_title, release_year, budget, overview)
        select 'tt' || lpad(i::text, 8, '0'), 'movie', 'Title ' || i, 2000, i * 7919 % 20011, repeat(i || ' is a number. ', 100)
        from generate_series(1, 2000) i
      `.execute(own.db);
    await sql`checkpoint`.execute(own.db);
    const sorted = () => own.call<Problem>('GET', '/training/export?format=ndjson&sort_by=budget');
    expect((await sorted()).status).toBe(200);

    const filler = join(disk, 'filler');
    const { bavail, bsize } = statfsSync(disk);
    try {
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    } catch (error) {
      // The database has taken some of the rest at that moment: the disk is full all the same.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
    const refused = await sorted();
    expect(refused.status).toBe(503);
    expect(refused.body.details).toBe('The disk of the database is full. Nothing was changed; free space on it.');
    const readiness = await own.call<Readiness>('GET', '/readyz');
    expect(readiness.status).toBe(503);
    expect(readiness.body.checks.find(({ name }) => name === 'disk')).toMatchObject({
      status: 'failed',
      detail: `0.0 GiB are free on the disk of ${directory}. Free some, before writes fail.`,
    });
    await expect(startCluster({ directory: join(disk, 'another') })).rejects.toThrow(
      /^The disk of .* is full: free space on it, or set DATA_DIR to another directory\.$/,
    );

    rmSync(filler);
    const freed = performance.now();
    expect((await sorted()).status).toBe(200);
    expect((await own.call('PATCH', '/training/tt00000001/would_watch')).status).toBe(200);
    await annotate(
      `read and write succeeded ${Math.round(performance.now() - freed)} ms after there was room`,
      'figure',
    );
  } finally {
    await own.close();
  }
});
