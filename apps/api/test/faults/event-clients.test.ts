import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createDb, createPool } from '@at/db/client';
import { sized } from '@at/db/test-size';
import { createTestDatabase, type TestDatabase } from '@at/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertTitles } from '#test/test-app.ts';
import { type ApiProcess, startApi } from './api-process.ts';

const clients = sized(50, 1_000);
const titles = Array.from({ length: clients }, (_, i) => `tt${1_000_000 + i}`);

let database: TestDatabase;
let api: ApiProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  const db = createDb(createPool({ connection: database.connectionString }));
  await insertTitles(
    db,
    titles.map((imdb_id) => ({ imdb_id })),
  );
  await db.destroy();
  api = await startApi(database.connectionString);
});
afterAll(async () => {
  await api.stop();
  await database.drop();
});

type Follower = { socket: Socket; heard: string };

/** Follows one title; resolves with the `ready` event, because only later events are sent. */
async function follow(title: string): Promise<Follower> {
  const socket = connect(api.port, '127.0.0.1').setEncoding('utf8');
  const follower: Follower = { socket, heard: '' };
  socket.write(`GET /rear-diff/events?imdb_id=${title} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  socket.on('data', (chunk) => {
    follower.heard += chunk;
  });
  while (!follower.heard.includes('event: ready\n')) await once(socket, 'data');
  return follower;
}

/**
 * The titles that the received labels name, each event one. The insert of all titles is one event too, which comes late
 * where a transaction of another test kept it back.
 */
const labelled = ({ heard }: Follower) =>
  [...heard.matchAll(/"imdb_ids":\["(\w+)"\]/g)].map(([, imdbId]) => imdbId as string);

test('clients that each follow one title get its label, and no other', async ({ annotate }) => {
  const before = api.memory();
  const followers = await Promise.all(titles.map(follow));
  const begun = performance.now();
  const label = async (title: string): Promise<void> => {
    const { status } = await api.ask(`/training/${title}/would_watch`, { method: 'PATCH' });
    // A busy machine makes it refuse requests for a moment.
    if (status === 503) return setTimeout(100).then(() => label(title));
    expect(status).toBe(200);
  };
  // Sixteen writers, each with every sixteenth title.
  await Promise.all(
    Array.from({ length: 16 }, async (_, writer) => {
      for (let i = writer; i < titles.length; i += 16) await label(titles[i] as string);
    }),
  );
  const written = performance.now();
  for (const [i, follower] of followers.entries()) {
    while (!labelled(follower).includes(titles[i] as string)) await once(follower.socket, 'data');
  }
  const received = performance.now();
  for (const [i, follower] of followers.entries()) expect(new Set(labelled(follower))).toEqual(new Set([titles[i]]));
  await annotate(
    `${clients} event streams: ${clients} labels in ${Math.round(written - begun)} ms, the last received ` +
      `${Math.round(received - written)} ms later; memory ${before} to ${api.memory()} MB`,
    'figure',
  );
  for (const { socket } of followers) socket.destroy();
});
