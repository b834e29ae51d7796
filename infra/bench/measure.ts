import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startCluster } from '@at/db/embedded';
import { generateMedia, generateRows } from '@at/db/generated-rows';
import { migrate, migrationSets } from '@at/db/migrate';
import { everything } from '@at/domain/predictions/rules';
import pg from 'pg';
import type { Order, Tally } from './load-generator.ts';
import type { ServerMessage } from './server.ts';

// Shared by the benchmarks: databases of a given size, servers, load, pgbench, and CPU time from /proc.

export type Bench = {
  /** The cluster and the files of the servers. */
  directory: string;
  /** Creates a database with this many titles and returns its URL. */
  fill: (titles: number) => Promise<string>;
  /** CPU seconds of PostgreSQL since its start. */
  postgresCpu: () => number;
  /** Measures the share of the machine's CPU used by others than this program, its children and PostgreSQL. */
  watchOthers: () => () => number;
  /** Runs an SQL script with prepared statements on `clients` connections. */
  pgbench: (database: string, script: string, clients: number, seconds: number) => Promise<Run>;
  stop: () => Promise<void>;
};

/** The result of some seconds of load. CPU in milliseconds per request. */
export type Run = { perSecond: number; postgresCpu: number };

/** A temporary cluster with fsync off, so that the comparison covers work and not the disk. */
export async function openBench(): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'at-bench-'));
  const cluster = await startCluster({ directory, durable: false });
  const postmaster = Number(readFileSync(join(directory, 'cluster', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  const postgresCpu = () => {
    // Children first: one that exits in between is counted with its parent.
    const running = childrenOf(postmaster).reduce((sum, pid) => sum + cpuOf(pid), 0);
    return running + cpuOf(postmaster, 'with its ended children');
  };
  const program = findPgbench();
  const ownCpu = () => {
    const servers = childrenOf(process.pid).reduce((sum, pid) => sum + cpuOf(pid), 0);
    return servers + cpuOf(process.pid, 'with its ended children') + postgresCpu();
  };

  return {
    directory,
    postgresCpu,
    watchOthers: () => {
      const [machine, own] = [machineCpu(), ownCpu()];
      return () => {
        const after = machineCpu();
        return Math.max(0, (after.busy - machine.busy - (ownCpu() - own)) / (after.all - machine.all));
      };
    },
    fill: async (titles) => {
      const name = `titles_${titles}`;
      await query(cluster.connectionString('postgres'), `CREATE DATABASE ${name}`);
      const url = cluster.connectionString(name);
      for (const set of [migrationSets.atp, migrationSets.console]) await migrate(url, set);
      const client = new pg.Client(url);
      await client.connect();
      await generateRows(client, titles);
      await generateMedia(client);
      // After the rows, so that each index is built once.
      await migrate(url, migrationSets['atp-extras']);
      await client.query('VACUUM (ANALYZE) atp.training');
      await client.query('VACUUM (ANALYZE) atp.prediction');
      await client.query('VACUUM (ANALYZE) atp.media');
      await client.query('CHECKPOINT');
      await client.end();
      return url;
    },
    pgbench: async (database, script, clients, seconds) => {
      const file = join(directory, 'script.sql');
      writeFileSync(file, script);
      const { pathname, searchParams } = new URL(database);
      const before = postgresCpu();
      const { stdout } = await promisify(execFile)(program, [
        ...['-n', '-M', 'prepared', '-f', file, '-c', String(clients), '-j', String(Math.min(2, clients))],
        ...['-T', String(seconds), '-h', searchParams.get('host') as string, '-U', 'postgres', pathname.slice(1)],
      ]);
      const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
      const count = Number(/actually processed: (\d+)/.exec(stdout)?.[1]);
      return { perSecond, postgresCpu: (1000 * (postgresCpu() - before)) / count };
    },
    stop: async () => {
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function findPgbench(): string {
  const debian = '/usr/lib/postgresql';
  const places = [
    ...(process.env.PATH ?? '').split(':').map((directory) => join(directory, 'pgbench')),
    ...(existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin', 'pgbench')) : []),
  ];
  const found = places.find((place) => existsSync(place));
  if (found) return found;
  throw new Error(
    'The benchmark compares with pgbench, which is not installed. It is part of PostgreSQL: ' +
      'apt-get install postgresql-contrib on Debian, brew install postgresql on a Mac.',
  );
}

export async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

const knowsCpu = existsSync('/proc/self/stat');

/** CPU seconds of a process, in steps of 0.01; 0 after its exit, NaN without /proc. */
export function cpuOf(pid: number, children?: 'with its ended children'): number {
  if (!knowsCpu) return Number.NaN;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, children ? 15 : 13).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return 0;
  }
}

/** CPU seconds of all cores together. */
function machineCpu(): { busy: number; all: number } {
  if (!knowsCpu) return { busy: Number.NaN, all: Number.NaN };
  const [user, nice, system, idle, wait, ...others] = (readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] as string)
    .split(/\s+/)
    .slice(1, 9)
    .map((ticks) => Number(ticks) / 100) as [number, number, number, number, number, ...number[]];
  const busy = user + nice + system + others.reduce((sum, one) => sum + one, 0);
  return { busy, all: busy + idle + wait };
}

function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path) ? readFileSync(path, 'latin1').trim().split(' ').filter(Boolean).map(Number) : [];
}

export type Server = {
  port: number;
  /** Sends requests for some seconds. `pause`: milliseconds between a reply and the next request on its connection. */
  load: (requests: string[], connections: number, seconds: number, pause?: number) => Promise<Load>;
  /** The longest delay of the event loop since the last call, in milliseconds. */
  longestDelay: () => Promise<number>;
  /** Resident memory in bytes. */
  memory: () => number;
  /** Downloads a file as fast as possible. */
  download: (path: string) => Promise<Download>;
  stop: () => Promise<void>;
};

/** Peak memory in bytes. */
export type Download = { bytes: number; firstByteMs: number; seconds: number; memory: number };

/** CPU in milliseconds per request. */
export type Load = Run & Tally & { serverCpu: number; generatorCpu: number };

export async function startServer(
  bench: Bench,
  database: string,
  reader: 'fast' | 'plain',
  constantSize = 0,
): Promise<Server> {
  const child = fork(new URL('server.ts', import.meta.url), [database, reader, String(constantSize)], {
    // Like the image.
    execArgv: ['--max-semi-space-size=2'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(bench.directory, 'compile-cache') },
  });
  const memory = () => 4096 * Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
  const { port } = (await nextMessage(child)) as { port: number };
  const pid = child.pid as number;
  return {
    port,
    load: async (requests, connections, seconds, pause = 0) => {
      const [serverBefore, postgresBefore] = [cpuOf(pid), bench.postgresCpu()];
      const tally = await generate({ port, connections, milliseconds: 1000 * seconds, requests, pause });
      if (tally.failures > 0)
        throw new Error(`${tally.failures} of ${tally.requests} requests failed: ${tally.failed}`);
      const each = (cpuSeconds: number) => (1000 * cpuSeconds) / tally.requests;
      return {
        ...tally,
        perSecond: tally.requests / tally.seconds,
        serverCpu: each(cpuOf(pid) - serverBefore),
        postgresCpu: each(bench.postgresCpu() - postgresBefore),
        generatorCpu: each(tally.cpu),
      };
    },
    longestDelay: async () => {
      child.send('longest delay');
      return ((await nextMessage(child)) as { longestDelay: number }).longestDelay;
    },
    memory,
    download: async (path) => {
      const begun = performance.now();
      const download: Download = { bytes: 0, firstByteMs: 0, seconds: 0, memory: 0 };
      const watch = setInterval(() => {
        download.memory = Math.max(download.memory, memory());
      }, 20);
      const { status, body } = await fetch(`http://127.0.0.1:${port}${path}`);
      if (status !== 200 || !body) throw new Error(`${path} returned ${status}.`);
      for await (const chunk of body) {
        download.firstByteMs ||= performance.now() - begun;
        download.bytes += chunk.length;
      }
      clearInterval(watch);
      return { ...download, seconds: (performance.now() - begun) / 1000 };
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

function nextMessage(child: ChildProcess): Promise<ServerMessage> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      child.off('exit', onExit);
      resolve(message as ServerMessage);
    };
    const onExit = () => {
      child.off('message', onMessage);
      reject(new Error('The server stopped unexpectedly.'));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });
}

async function generate(order: Order): Promise<Tally> {
  const child = spawn(process.execPath, [new URL('load-generator.ts', import.meta.url).pathname], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(order));
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (output === '') throw new Error('The load generator failed.');
  return JSON.parse(output) as Tally;
}

export const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

export const patch = (path: string, body: object) => {
  const json = JSON.stringify(body);
  return `PATCH ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
};

/** The quantile of the values, such as the p95 for a share of 0.95; undefined at run time if there are none. */
export function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] as number;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** How many runs in a row may be repeated when other work takes more than a tenth of the machine's CPU. */
const patience = 2;
const disturbing = 0.1;

/**
 * Runs each in turn, so that changes of the machine affect all of them, and returns the medians. When other work disturbs
 * rounds, it runs up to twice as many and keeps the quietest; `disturbed` is the largest CPU share of others in these.
 */
export async function interleave<Runs extends Record<string, () => Promise<object>>>(
  bench: Bench,
  rounds: number,
  runs: Runs,
): Promise<{ [K in keyof Runs]: Awaited<ReturnType<Runs[K]>> } & { disturbed: number }> {
  const found: { disturbed: number; results: Record<string, Record<string, number>> }[] = [];
  const isQuiet = ({ disturbed }: { disturbed: number }) => !(disturbed > disturbing);
  while (found.length < rounds || (found.length < patience * rounds && found.filter(isQuiet).length < rounds)) {
    const round: (typeof found)[number] = { disturbed: 0, results: {} };
    for (const [name, run] of Object.entries(runs)) {
      const share = bench.watchOthers();
      round.results[name] = (await run()) as Record<string, number>;
      round.disturbed = Math.max(round.disturbed, share());
    }
    found.push(round);
  }
  const kept = found.toSorted((a, b) => a.disturbed - b.disturbed).slice(0, rounds);
  const medians = Object.keys(runs).map((name) => {
    const results = kept.map((round) => round.results[name] as Record<string, number>);
    const figures = Object.keys(results[0] as object);
    return [
      name,
      Object.fromEntries(figures.map((figure) => [figure, median(results.map((one) => one[figure] as number))])),
    ];
  });
  return { ...Object.fromEntries(medians), disturbed: (kept.at(-1) as { disturbed: number }).disturbed };
}

/** Seconds until the API has counted its totals of the evaluation, with all changes, which it does in the background. */
export async function countTotals(database: string, port: number): Promise<number> {
  const begun = performance.now();
  const counted = `SELECT FROM console.evaluation_state
    WHERE counted_to = ${everything} AND NOT EXISTS (SELECT FROM console.evaluation_change)`;
  const ask = () => fetch(`http://127.0.0.1:${port}/rear-diff/prediction/evaluation`);
  for (await ask(); (await query(database, counted)).rowCount === 0; await ask()) await setTimeout(200);
  return (performance.now() - begun) / 1000;
}
