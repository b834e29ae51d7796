import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createDb, createPool } from '@at/db/client';
import { sized } from '@at/db/test-size';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiProcess, startApi } from './api-process.ts';

/** The effect of clients that are slow, or many, on others and on the memory of the process. */

const rows = sized(5_000, 20_000);

let database: TestDatabase;
let api: ApiProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  const db = createDb(createPool({ connection: database.connectionString }));
  await sql`
    insert into atp.training (imdb_id, media_type, media_title, release_year, overview)
    select 'tt' || lpad(i::text, 8, '0'), 'movie', 'Title ' || i, 2000, repeat(i || ' is a number. ', 100)
    from generate_series(1, ${rows}) i
  `.execute(db);
  await db.destroy();
  api = await startApi(database.connectionString);
});
afterAll(async () => {
  await api.stop();
  await database.drop();
});

async function open(): Promise<Socket> {
  const socket = connect(api.port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const head = (line: string, headers: string[] = []) =>
  [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');

const pages = '/training?media_type=movie&reviewed=false&sort_by=updated_at&sort_order=desc&limit=20';

/** Requests pages and labels as eight others, who all get a reply; returns milliseconds. */
async function askAsOthers(): Promise<{ p50: number; p95: number }> {
  const took: number[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async (_, client) => {
      for (let turn = 0; turn < 25; turn += 1) {
        const begun = performance.now();
        const isLabel = turn % 5 === 0;
        const id = `tt${String(client * 100 + turn + 1).padStart(8, '0')}`;
        const path = isLabel ? `/training/${id}/${turn % 2 ? 'would_watch' : 'would_not_watch'}` : pages;
        const reply = await api.ask(path, isLabel ? { method: 'PATCH' } : {});
        await reply.arrayBuffer();
        expect(reply.status).toBe(200);
        took.push(performance.now() - begun);
      }
    }),
  );
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(10 * (sorted[Math.floor(sorted.length * share)] as number)) / 10;
  return { p50: at(0.5), p95: at(0.95) };
}

const inFlight = async () =>
  Number(/^http_requests_in_flight (\d+)$/m.exec(await (await api.ask('/metrics')).text())?.[1]);

/** `fresh`: the others alone, for comparison. */
const figure = (
  what: string,
  fresh: { p50: number; p95: number },
  during: { p50: number; p95: number },
  memory: string,
) =>
  `${what}: others ${fresh.p50} ms (p95 ${fresh.p95}) before, ${during.p50} ms (p95 ${during.p95}) during; ${memory}`;

test('clients that read a byte a second delay no others, and take no more memory than a few batches each', async ({
  annotate,
}) => {
  await askAsOthers();
  const [fresh, before] = [await askAsOthers(), api.memory()];
  const readers = 24;
  const sockets = await Promise.all(Array.from({ length: readers }, open));
  for (const [i, socket] of sockets.entries()) {
    socket.pause();
    socket.write(head(`GET /rear-diff/training${i % 2 === 0 ? '/export?format=ndjson' : '?limit=1000000'}`));
  }
  const reading = setInterval(() => {
    for (const socket of sockets) socket.read(1);
  }, 1000);
  while ((await inFlight()) <= readers) await setTimeout(10);
  const during = await askAsOthers();
  for (let round = 0; round < sized(1, 10); round += 1) await askAsOthers();
  const after = api.memory();
  // They still read: their files are far larger than the buffers between here and there.
  expect(await inFlight()).toBe(readers + 1);
  expect(sockets.every(({ destroyed }) => !destroyed)).toBe(true);
  await annotate(
    figure(`${readers} readers of a byte a second`, fresh, during, `memory ${before} to ${after} MB`),
    'figure',
  );
  if (before !== undefined && after !== undefined) expect(after - before).toBeLessThan(readers * 10);

  clearInterval(reading);
  for (const socket of sockets) socket.destroy();
  while ((await inFlight()) > 1) await setTimeout(10);
});

test('requests that arrive a byte at a time delay no others, and are answered once complete', async ({ annotate }) => {
  const [fresh, before] = [await askAsOthers(), api.memory()];
  const senders = sized(100, 300);
  const sockets = await Promise.all(Array.from({ length: senders }, open));
  const answers = sockets.map(async (socket) => String((await once(socket, 'data'))[0]).split('\r\n', 1)[0]);
  // A title each: they all arrive at once, and would wait for each other's row.
  const requests = sockets.map((_, i) => {
    const id = `tt${String(1_000 + i).padStart(8, '0')}`;
    const body = JSON.stringify({ imdb_id: id });
    const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    return head(`PATCH /rear-diff/training/${id}/reviewed`, headers) + body;
  });
  const sending = (async () => {
    for (let at = 0; at < (requests[0] as string).length; at += 1) {
      for (const [i, socket] of sockets.entries()) socket.write(requests[i]?.[at] as string);
      await setTimeout(10);
    }
  })();
  const during = await askAsOthers();
  await sending;
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 200 OK']));
  await annotate(
    figure(`${senders} senders of a byte at a time`, fresh, during, `memory ${before} to ${api.memory()} MB`),
    'figure',
  );
  for (const socket of sockets) socket.destroy();
});

test('thousands of idle connections leave room for others', async ({ annotate }) => {
  const [fresh, before] = [await askAsOthers(), api.memory()];
  // A machine that allows fewer files reports its number.
  const allowed = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })) || Number.POSITIVE_INFINITY;
  const connections = Math.min(sized(1_000, 10_000), allowed - 500);
  const sockets: Socket[] = [];
  let lost = 0;
  while (sockets.length < connections) {
    const opened = await Promise.all(Array.from({ length: Math.min(500, connections - sockets.length) }, open));
    for (const socket of opened) socket.once('close', () => (lost += 1));
    sockets.push(...opened);
  }
  const during = await askAsOthers();
  expect(lost).toBe(0);
  await annotate(
    figure(`${connections} idle connections`, fresh, during, `memory ${before} to ${api.memory()} MB`),
    'figure',
  );
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  expect((await api.ask('/readyz')).status).toBe(200);
});
