import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { FlagValues } from '@at/contracts/labels';
import { createDb, createPool } from '@at/db/client';
import { type Cluster, startCluster } from '@at/db/embedded';
import { migrate, migrationSets } from '@at/db/migrate';
import { deepLimit, sized } from '@at/db/test-size';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBrokenChains } from '#test/broken-chains.ts';
import { insertTitles } from '#test/test-app.ts';
import { type ApiProcess, startApi } from './api-process.ts';

const changes = sized(600, 10_000);
const clients = 32;
/** What is killed in turn, evenly distributed over the changes. */
const victims = Array.from({ length: sized(1, 2) }, () => ['api', 'database'] as const).flat();
const killedAt = victims.map((_, i) => Math.round(((i + 1) * changes) / (victims.length + 1)));

const titles = Array.from({ length: 200 }, (_, i) => `tt${1_000_000 + i}`);
const untouched: FlagValues = { label: null, human_labeled: false, anomalous: false, reviewed: false };

let directory: string;
let cluster: Cluster;
let api: ApiProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'at-kills-'));
  // Durable, as in production: acknowledged changes are on the disk.
  cluster = await startCluster({ directory });
  const database = cluster.connectionString('postgres');
  for (const set of Object.values(migrationSets)) await migrate(database, set);
  await withDb((db) =>
    insertTitles(
      db,
      titles.map((imdb_id) => ({ imdb_id })),
    ),
  );
  api = await startApi(database);
});
afterAll(async () => {
  await api.stop();
  await cluster.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Kills the server with all its processes; returns how to start it again. */
async function killDatabase(): Promise<() => Promise<void>> {
  const pid = Number(readFileSync(join(directory, 'cluster', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  process.kill(pid, 'SIGKILL');
  await cluster.exited;
  return async () => {
    cluster = await startCluster({ directory });
  };
}

async function killApi(): Promise<() => Promise<void>> {
  await api.kill();
  return async () => {
    api = await startApi(cluster.connectionString('postgres'), { port: api.port });
  };
}

async function withDb<T>(work: (db: ReturnType<typeof createDb>) => Promise<T>): Promise<T> {
  const db = createDb(createPool({ connection: cluster.connectionString('postgres') }));
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

type Acknowledged = { id: string; wanted: Partial<FlagValues> };

test('while 32 clients write, the API and the database are killed: each change is made once, and none is lost or incomplete', {
  timeout: 300_000,
}, async ({ annotate }) => {
  const begun = performance.now();
  const acknowledged = new Map<number, Acknowledged>();
  const outages: { killed: string; milliseconds: number }[] = [];
  let unanswered = 0;
  let kills = Promise.resolve();

  const killWhenDue = () => {
    const killed = victims[killedAt.indexOf(acknowledged.size)];
    if (!killed) return;
    kills = kills.then(async () => {
      const restart = await (killed === 'api' ? killApi() : killDatabase());
      const before = acknowledged.size;
      await restart();
      const back = performance.now();
      // It recovers by itself: changes are acknowledged again.
      while (acknowledged.size === before) await setTimeout(1);
      outages.push({ killed, milliseconds: Math.round(performance.now() - back) });
    });
  };

  const change = async (client: number, turn: number) => {
    // Pseudorandom, so that the changes of two clients to a title have no pattern.
    const chance = (Math.imul(turn + 1, 0x9e3779b1) ^ Math.imul(client + 1, 0x85ebca6b)) >>> 0;
    const id = titles[(chance >>> 8) % titles.length] as string;
    const wanted: Partial<FlagValues> = {
      label: chance & 1 ? 'would_watch' : 'would_not_watch',
      anomalous: (chance & 2) > 0,
    };
    const send = async () => {
      const response = await api.ask(`/training/${id}`, {
        method: 'PATCH',
        headers: {
          'content-type': 'application/json',
          'x-actor': `client ${client}`,
          'idempotency-key': `change ${turn}`,
        },
        body: JSON.stringify({ imdb_id: id, ...wanted }),
      });
      const reply = (await response.json()) as { event_id: number | null };
      if (response.status === 503) throw new Error('away');
      expect(response.status).toBe(200);
      return reply.event_id;
    };
    let event_id: number | null | undefined;
    while (event_id === undefined) {
      event_id = await send().catch(async (error: Error) => {
        // Neither refused nor acknowledged: it may be written or not. Any other error is a fault.
        if (!/away|fetch failed|terminated|JSON/.test(error.message)) throw error;
        unanswered += 1;
        await setTimeout(100);
        return undefined;
      });
    }
    if (event_id === null) return;
    expect(acknowledged.has(event_id), 'an event is named once').toBe(false);
    acknowledged.set(event_id, { id, wanted });
    killWhenDue();
  };

  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let turn = 0; acknowledged.size < changes; turn += 1) await change(client, turn);
    }),
  );
  await kills;

  const [events, broken] = await withDb(async (db) => [
    await db
      .selectFrom('console.label_event')
      .select(['event_id', 'imdb_id', 'before', 'after'])
      .orderBy('event_id')
      .$narrowType<{ before: FlagValues; after: FlagValues }>()
      .execute(),
    await findBrokenChains(db),
  ]);
  const stored = new Map(events.map((event) => [event.event_id, event]));
  // Every change was repeated until it was acknowledged, and none was made twice.
  expect(events.map(({ event_id }) => event_id)).toEqual([...acknowledged.keys()].toSorted((a, b) => a - b));
  for (const [event_id, { id, wanted }] of acknowledged) {
    expect(stored.get(event_id)).toMatchObject({ imdb_id: id, after: wanted });
  }
  for (const id of titles) {
    const first = events.find(({ imdb_id }) => imdb_id === id);
    if (first) expect(first.before).toEqual(untouched);
  }
  expect(broken).toEqual([]);
  expect(outages.map(({ killed }) => killed)).toEqual(victims);
  for (const { killed, milliseconds } of outages) {
    if (killed === 'database')
      expect(milliseconds, 'from its return to the next change').toBeLessThan(deepLimit(2_000));
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const recoveries = outages.map(({ killed, milliseconds }) => `${killed} ${milliseconds} ms`).join(', ');
  await annotate(
    `${acknowledged.size} acknowledged changes from ${clients} clients, 0 lost, 0 made twice; ${outages.length} kills, ` +
      `${unanswered} requests repeated, ${seconds} s; first change after it was back: ${recoveries}`,
    'figure',
  );
});
