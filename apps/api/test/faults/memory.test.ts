import { get, type IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { generateMedia, generateRows } from '@at/db/generated-rows';
import { sized } from '@at/db/test-size';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiProcess, startApi } from './api-process.ts';

/** The memory of the process under what consoles request: it rises to a level and stays there. */

const perSecond = 50;
const seconds = Number(process.env.MEMORY_MINUTES ?? 60) * 60;
const titles = 5_000;
const consoles = 10;

let database: TestDatabase;
let api: ApiProcess;
let hashes: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  const client = new pg.Client(database.connectionString);
  await client.connect();
  await generateRows(client, titles);
  await generateMedia(client);
  const { rows } = await client.query<{ hash: string }>('SELECT hash FROM atp.media WHERE deleted_at IS NULL');
  hashes = rows.map(({ hash }) => hash);
  await client.end();
  api = await startApi(database.connectionString);
});
afterAll(async () => {
  await api?.stop();
  await database.drop();
});

const idOf = (n: number) => `tt${10_000_001 + ((n * 7919) % titles)}`;
const hashOf = (n: number) => hashes[(n * 7919) % hashes.length];
/** Of a thousand values another one each time. */
const share = (n: number) => ((n * 7919) % 1_000) / 1_000;
const of = (words: string, n: number) => words.split(' ')[n % words.split(' ').length];

/** A list that is read to its end page by page, and then again. */
const pages = '/training?sort_by=created_at&limit=50&count=estimated';
let cursor = '';

type Write = { method: string; path: string; body: object };
const patch = (path: string, body: object): Write => ({ method: 'PATCH', path, body });

/** What consoles request, in turn; `n` counts the rounds, so that texts, filters, titles and pages differ. */
const requests: ((n: number) => string | Write)[] = [
  () => '/training?media_type=movie&reviewed=false&sort_by=updated_at&limit=20&include=prediction',
  (n) => `/training/${idOf(n)}`,
  (n) => patch(`/training/${idOf(n)}/label`, { imdb_id: idOf(n), label: of('would_watch would_not_watch', n >> 5) }),
  () => (cursor === '' ? pages : `${pages}&cursor=${cursor}`),
  (n) => `/training?sort_by=${of('media_title imdb_rating release_year', n)}&limit=50&count=estimated`,
  () => '/training/stats',
  (n) => `/media/?q=${of('Harbour Letter Night Storm', n)} ${n % 1_000}&limit=20&count=estimated`,
  (n) => patch(`/training/${idOf(n)}/reviewed`, { imdb_id: idOf(n) }),
  (n) => `/training?q=${of('Harbour Letter Night Storm', n)} ${n % 1_000}&limit=20&count=estimated`,
  (n) => `/training/${idOf(n)}/history`,
  (n) => `/movies/?cell=${of('tp fp tn fn', n)}&threshold=${share(n)}&media_type=movie&limit=20&count=none`,
  () => '/media/stats',
  (n) => patch(`/media/${hashOf(n)}/pipeline`, { hash: hashOf(n), pipeline_status: of('paused parsed', n >> 5) }),
  () => '/training?media_type=movie&reviewed=false&sort_by=updated_at&limit=20&include=prediction',
  (n) => `/training?order=${of('uncertain disagree random', n)}&seed=${n % 997}&reviewed=false&limit=100`,
  (n) => `/prediction/?imdb_id=${idOf(n)}`,
  (n) => patch(`/training/${idOf(n)}/would_watch`, {}),
  (n) => `/media/${hashOf(n)}`,
  (n) => `/media/?pipeline_status=${of('parsed complete rejected', n)}&sort_by=updated_at&limit=50&offset=${n % 200}`,
  () => '/training/sessions',
  (n) => `/training?release_year_min=${1950 + (n % 60)}&limit=${20 + (n % 30)}&count=none`,
  () => '/activity?limit=50',
  (n) => `/prediction/?limit=20&sort_by=${of('probability created_at', n)}`,
  (n) => of('/readyz /meta /session /settings /views /operations /flyway', n) as string,
  (n) => `/prediction/${of('evaluation slices', n)}?threshold=${share(n)}${n % 2 ? '&by=genre' : ''}`,
];

/** Replies that are no success: how many by status and path. */
const failed: Record<string, number> = {};
/** Requests that were refused because the process got too little of a busy machine. */
let refused = 0;

async function send(n: number): Promise<void> {
  const request = requests[n % requests.length]?.(Math.floor(n / requests.length)) as string | Write;
  const { method, path, body } = typeof request === 'string' ? { method: 'GET', path: request } : request;
  const headers = { 'content-type': 'application/json', 'x-actor': `console ${n % consoles}` };
  const reply = await api.ask(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await reply.text();
  if (path.startsWith(pages)) cursor = /"next_cursor":"([^"]+)"/.exec(text)?.[1] ?? '';
  const outcome = `${reply.status} ${path.split('?', 1)[0]}`;
  if (reply.status === 503) refused += 1;
  else if (!reply.ok) failed[outcome] = 1 + (failed[outcome] ?? 0);
}

/** Follows the events as a tab does, until it is closed. */
const openTab = () =>
  get({ port: api.port, host: '127.0.0.1', path: '/rear-diff/events', agent: false }, (events: IncomingMessage) =>
    events.on('error', () => {}).resume(),
  ).on('error', () => {});

/** MB of the process, and of what lies in and beside the heap of JavaScript. */
type Sample = { resident: number; heap: number; external: number };

async function look(): Promise<Sample> {
  const text = await (await api.ask('/metrics')).text();
  const megabytes = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]) / 2 ** 20;
  return {
    resident: megabytes('process_resident_memory_bytes'),
    heap: megabytes('nodejs_heap_size_used_bytes'),
    external: megabytes('nodejs_external_memory_bytes'),
  };
}

const quantile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] as number;

/** The level of some samples: the median of the process, and of the heap what is left after most collections. */
const levelOf = (samples: Sample[]) => ({
  resident: quantile(
    samples.map(({ resident }) => resident),
    0.5,
  ),
  heap: quantile(
    samples.map(({ heap }) => heap),
    0.1,
  ),
  external: quantile(
    samples.map(({ external }) => external),
    0.5,
  ),
});

test.runIf(sized(0, 1))(
  'memory rises to a level and stays there',
  { timeout: (seconds + 120) * 1_000 },
  async ({ annotate }) => {
    const tabs = Array.from({ length: consoles }, openTab);
    const samples: Sample[] = [];
    const waiting = new Set<Promise<void>>();
    const begun = performance.now();
    let n = 0;
    for (; performance.now() < begun + seconds * 1_000; n += 1) {
      const sent = send(n).finally(() => waiting.delete(sent));
      waiting.add(sent);
      if (n % perSecond === 0) {
        samples.push(await look());
        // Every second one tab is closed and another one opened.
        tabs.shift()?.destroy();
        tabs.push(openTab());
      }
      // A slow server gets no more than the browsers of a household have in flight.
      while (waiting.size >= 6 * consoles) await Promise.race(waiting);
      await setTimeout(Math.max(0, begun + ((n + 1) * 1_000) / perSecond - performance.now()));
    }
    await Promise.all(waiting);
    const rate = (n * 1_000) / (performance.now() - begun);
    for (const tab of tabs) tab.destroy();
    expect(failed).toEqual({});
    // A shorter time proves nothing.
    if (seconds < 600) return;
    /** The level in one of several equal parts of the time. */
    const levelIn = (part: number, parts: number) =>
      levelOf(samples.slice((part * samples.length) / parts, ((part + 1) * samples.length) / parts));
    const parts = 6;
    const row = (name: keyof Sample) =>
      Array.from({ length: parts }, (_, part) => levelIn(part, parts)[name].toFixed(0)).join(', ');
    await annotate(
      `${seconds / 60} minutes of ${rate.toFixed(0)} requests a second, ${refused} refused; by sixths of the time: resident ${row('resident')} MB; ` +
        `heap after collections ${row('heap')} MB; external ${row('external')} MB`,
      'figure',
    );
    expect(rate).toBeGreaterThan(0.9 * perSecond);
    expect(refused).toBeLessThan(0.01 * n);
    const [second, last] = [levelIn(1, 3), levelIn(2, 3)];
    expect(last.resident).toBeLessThan(1.05 * second.resident);
    expect(last.heap).toBeLessThan(1.05 * second.heap + 1);
  },
);
