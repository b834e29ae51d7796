import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { explainLog, removeAbandonedDrafts } from './data-directory.ts';
import { type Cluster, ClusterError, ClusterInUse, startCluster } from './embedded.ts';
import { sized } from './test-size.ts';
import { clusterParent } from './testing.ts';

const isRoot = process.getuid?.() === 0;
const workspace = mkdtempSync(join(clusterParent, 'at-test-embedded-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** A stopped cluster, made once: each test starts on a copy. */
const original = join(workspace, 'original');

let count = 0;
function emptyDirectory(): string {
  count += 1;
  const directory = join(workspace, String(count));
  mkdirSync(directory);
  return directory;
}
function copyOfCluster(): string {
  const directory = emptyDirectory();
  cpSync(original, directory, { recursive: true });
  return directory;
}

const start = async (directory: string): Promise<Cluster> => {
  const cluster = await startCluster({ directory, durable: false });
  onTestFinished(() => cluster.stop());
  return cluster;
};

async function answer(cluster: Cluster): Promise<unknown> {
  const client = new pg.Client(cluster.connectionString('postgres'));
  await client.connect();
  const { rows } = await client.query('SELECT 1 AS one');
  await client.end();
  return rows[0];
}

/** The sentence of a start that is refused. */
async function refusal(directory: string): Promise<string> {
  const error = await start(directory).then(
    () => new Error('It has started.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ClusterError);
  const { message } = error as Error;
  expect(message).toMatch(/^[^\n]+\.$/);
  // A line of the log begins with its time.
  expect(message).not.toMatch(/\d\d:\d\d:\d\d|HINT|DETAIL|initdb:/);
  return message;
}

beforeAll(async () => {
  const starts = await Promise.allSettled(
    Array.from({ length: sized(2, 8) }, () => startCluster({ directory: original, durable: false })),
  );
  firstStarts = starts;
  for (const one of starts) if (one.status === 'fulfilled') answers.push(await answer(one.value));
  for (const one of starts) if (one.status === 'fulfilled') await one.value.stop();
});
let firstStarts: PromiseSettledResult<Cluster>[];
const answers: unknown[] = [];

describe('first starts on one directory at once', () => {
  test('one wins, and each other says that one runs', async ({ annotate }) => {
    expect(answers).toEqual([{ one: 1 }]);
    for (const one of firstStarts) {
      if (one.status === 'fulfilled') continue;
      expect(one.reason).toBeInstanceOf(ClusterInUse);
      expect(one.reason.message).toMatch(/^Another PostgreSQL .*: stop it, or set DATA_DIR to another directory\.$/);
    }
    await annotate(`${firstStarts.length} starts, ${answers.length} won`, 'figure');
  });

  test('leave the cluster and nothing else', () => {
    expect(readdirSync(original)).toEqual(['cluster']);
  });

  test('a start that was killed leaves a draft that goes after ten minutes', () => {
    const directory = emptyDirectory();
    for (const name of ['cluster.init-old', 'cluster.init-new']) mkdirSync(join(directory, name));
    utimesSync(join(directory, 'cluster.init-old'), 0, Date.now() / 1000 - 700);
    removeAbandonedDrafts(join(directory, 'cluster'));
    expect(readdirSync(directory)).toEqual(['cluster.init-new']);
  });
});

describe('a lock file of a server that was killed', () => {
  /** The lock files as the killed server left them, with the number of `pid`, which another program has now. */
  const leaveLocks = async (directory: string, pid: number) => {
    const files = [join(directory, 'cluster/postmaster.pid'), join(directory, '.s.PGSQL.5432.lock')];
    const cluster = await startCluster({ directory, durable: false });
    const texts = files.map((file) => readFileSync(file, 'utf8'));
    await cluster.stop();
    for (const [i, file] of files.entries()) {
      writeFileSync(file, (texts[i] as string).replace(/^\d+/, String(pid)), { mode: 0o600 });
    }
  };

  test('does not prevent a start when its number belongs to another program', async () => {
    const other = spawn('sleep', ['600']);
    onTestFinished(() => void other.kill());
    await once(other, 'spawn');
    const directory = copyOfCluster();
    await leaveLocks(directory, other.pid as number);
    expect(await answer(await start(directory))).toEqual({ one: 1 });
    expect(readdirSync(directory).filter((name) => name.includes('.lock.'))).toEqual([]);
  });

  test('nor when it is this process, or empty', async () => {
    const directory = copyOfCluster();
    await leaveLocks(directory, process.pid);
    const file = join(directory, 'cluster/postmaster.pid');
    truncateSync(file);
    utimesSync(file, 0, Date.now() / 1000 - 60);
    expect(await answer(await start(directory))).toEqual({ one: 1 });
  });

  test('of one that still runs prevents it', async () => {
    const directory = copyOfCluster();
    const running = await start(directory);
    const holder = () => readFileSync(join(directory, 'cluster/postmaster.pid'), 'utf8').split('\n')[0];
    const pid = holder();
    expect(await refusal(directory)).toContain(`(process ${pid}) already runs on ${directory}/cluster`);
    expect(holder()).toBe(pid);
    expect(await answer(running)).toEqual({ one: 1 });
  });

  test('of one that is stopping lets the next start wait', async () => {
    const directory = copyOfCluster();
    const first = await startCluster({ directory, durable: false });
    // A client that is connected makes the stop take a moment.
    const client = new pg.Client(first.connectionString('postgres'));
    client.on('error', () => {});
    await client.connect();
    const stopped = first.stop();
    const second = await start(directory);
    await stopped;
    expect(await answer(second)).toEqual({ one: 1 });
  });
});

test('a program that waits for the end waits also for the last line of the log', () => {
  const directory = copyOfCluster();
  // A child of the server holds the log open for longer than the server lives.
  const program = `
    import pg from 'pg';
    import { startCluster } from './embedded.ts';
    const cluster = await startCluster({ directory: ${JSON.stringify(directory)}, durable: false });
    const client = new pg.Client(cluster.connectionString('postgres'));
    await client.connect();
    await client.query("copy (select 1) to program 'cat > /dev/null; setsid sleep 0.5 > /dev/null &'");
    await client.end();
    await cluster.stop();
    console.log('stopped');
  `;
  const args = ['--input-type=module-typescript', '--eval', program];
  expect(execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })).toBe('stopped\n');
});

describe('a data directory that cannot be used', () => {
  const file = (directory: string, name: string) => writeFileSync(join(directory, name), 'text');
  const cases: [name: string, make: (directory: string) => unknown, given: string, sentence: RegExp][] = [
    ['a file', (directory) => file(directory, 'f'), 'f', /because it is a file: fix that, or set DATA_DIR/],
    ['where none can be made', () => {}, '/proc/at/data', /its path cannot be created: fix that, or set DATA_DIR/],
    ['with a long name', () => {}, 'x'.repeat(300), /a name in it, is longer than the disk takes .*or set DATA_DIR/],
    ['of a long path', () => {}, '/x'.repeat(30_000), /^.{300,600}$/],
    [
      'behind links in a circle',
      (directory) => symlinkSync('circle', join(directory, 'circle')),
      'circle/x',
      /links in its path lead back to each other/,
    ],
    ['below a file', (directory) => file(directory, 'f'), 'f/x', /a part of its path is a file/],
    [
      'with files of another program',
      (directory) => file(directory, 'letter.txt'),
      '',
      /holds other files \(letter\.txt\).*DATA_DIR/,
    ],
    ['of another PostgreSQL', (directory) => file(directory, 'PG_VERSION'), '', /is itself the data of a PostgreSQL/],
    ['whose cluster is a file', (directory) => file(directory, 'cluster'), '', /is a file, .*: move it away/],
    [
      'whose cluster is a link to nothing',
      (directory) => symlinkSync('nowhere', join(directory, 'cluster')),
      '',
      /is a link to nothing: remove it/,
    ],
    [
      'whose cluster is something else',
      (directory) => {
        mkdirSync(join(directory, 'cluster'));
        file(directory, 'cluster/x');
      },
      '',
      /does not hold the data of a PostgreSQL, or is damaged: restore it from a backup, or move .* away/,
    ],
  ];
  test.each(cases)('%s is refused, with what to do', async (_, make, given, sentence) => {
    const directory = emptyDirectory();
    make(directory);
    const before = readdirSync(directory);
    expect(await refusal(resolve(directory, given))).toMatch(sentence);
    expect(readdirSync(directory)).toEqual(before);
  });

  test('a directory of others stays as open as it was', async () => {
    const directory = emptyDirectory();
    chmodSync(directory, 0o755);
    file(directory, 'letter.txt');
    await refusal(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o755);
  });

  const damages: [name: string, damage: (cluster: string) => void, sentence: RegExp][] = [
    [
      'without its control file',
      (cluster) => rmSync(join(cluster, 'global/pg_control')),
      /may be damaged \(could not find the database system\)/,
    ],
    [
      'with a damaged control file',
      (cluster) => writeFileSync(join(cluster, 'global/pg_control'), 'x'.repeat(8192)),
      /may be damaged/,
    ],
    [
      'without its log',
      (cluster) => {
        for (const name of readdirSync(join(cluster, 'pg_wal')))
          rmSync(join(cluster, 'pg_wal', name), { recursive: true });
      },
      /may be damaged/,
    ],
    ['without its settings', (cluster) => rmSync(join(cluster, 'postgresql.conf')), /may be damaged/],
    [
      'of another version',
      (cluster) => writeFileSync(join(cluster, 'PG_VERSION'), '15\n'),
      /was created by PostgreSQL 15, .*pg_dump of that version/,
    ],
    ['with a version that is none', (cluster) => writeFileSync(join(cluster, 'PG_VERSION'), 'x\n'), /may be damaged/],
  ];
  test.each(damages)('a cluster %s is refused, with what to do', async (_, damage, sentence) => {
    const directory = copyOfCluster();
    damage(join(directory, 'cluster'));
    const message = await refusal(directory);
    expect(message).toMatch(sentence);
    expect(message).toMatch(/move .* away and start with new data\.$|set DATA_DIR to another directory\.$/);
  });

  test.runIf(isRoot)('a cluster of another user is refused, with what to do', async () => {
    const directory = copyOfCluster();
    execFileSync('chown', ['-R', '1234:1234', join(directory, 'cluster')]);
    expect(await refusal(directory)).toMatch(
      /belongs to another user \(1234\): start as that user|This user may not use/,
    );
  });
});

test('every reason in the log of PostgreSQL is one sentence', () => {
  for (const [log, sentence] of [
    ['initdb: error: could not write to file "x": No space left on device', /^The disk of \/data is full: free space/],
    [
      'FATAL:  could not extend file: Disk quota exceeded\nHINT:  Check free disk space.',
      /^The disk of \/data is full/,
    ],
    [
      '2026-01-01 00:00:00 UTC [1] FATAL:  could not map anonymous shared memory: Cannot allocate memory',
      /too little memory/,
    ],
    ['FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use', /that was killed still use \/data/],
    ['FATAL:  could not open file "x": Read-only file system', /read-only: make it writable/],
    [
      'initdb: error: could not change permissions of directory "/data": Permission denied',
      /may not use all of \/data/,
    ],
    ['FATAL:  lock file "postmaster.pid" is empty', /starts on \/data at this moment/],
    [
      '2026-01-01 00:00:00 UTC [1] PANIC:  could not locate a valid checkpoint record\nDETAIL: x',
      /damaged \(could not locate a valid checkpoint record\)/,
    ],
    ['Killed', /may be damaged \(without a reason\)/],
  ] as const) {
    const { message } = explainLog(log, '/data');
    expect(message).toMatch(sentence);
    expect(message).toMatch(/^[^\n]+\.$/);
  }
});
