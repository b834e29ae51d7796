import { once } from 'node:events';
import { connect } from 'node:net';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { insertTitles, startTestApp } from '#test/test-app.ts';

test('on a stop, requests in flight finish and later ones get 503', async () => {
  const app = await startTestApp();
  const id = 'tt2759766';
  await insertTitles(app.db, [{ imdb_id: id }]);
  const request = (method: string, path: string) => `${method} /rear-diff${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const socket = connect(app.port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });

  let stopped: Promise<void> | undefined;
  await app.db.transaction().execute(async (trx) => {
    await trx.selectFrom('atp.training').select('imdb_id').forUpdate().execute();
    socket.write(request('PATCH', `/training/${id}/would_watch`));
    const waiting = () =>
      sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(trx);
    // Statistics are frozen for a transaction unless it requests them again.
    while ((await waiting()).rows.length === 0) await sql`select pg_stat_clear_snapshot()`.execute(trx);
    stopped = app.stop();
    socket.write(request('GET', '/health'));
  });
  await once(socket, 'close');
  await stopped;
  const [first, second] = answer.split(/(?<=\})(?=HTTP)/) as [string, string];
  expect(first).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(first).toContain('"label":"would_watch"');
  expect(second).toMatch(/^HTTP\/1\.1 503 Service Unavailable/);
  expect(second).toMatch(/retry-after: \d/i);
  expect(second).toMatch(/content-type: application\/problem\+json/i);
  expect(second).toContain('"error":"Stopping"');
  await app.close();
});
