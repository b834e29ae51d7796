import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertMedia, sampleHash } from './sample-media.ts';
import { insertTitles, sampleTitles, startTestApp, type TestApp } from './test-app.ts';

/** Settings that an owner may give his database or the role, and the bytes of replies, which stay the same. */

const settings: [name: string, value: string][] = [
  ['timezone', "'Asia/Kolkata'"],
  ['datestyle', "'SQL, DMY'"],
  ['intervalstyle', "'sql_standard'"],
  ['search_path', "'decoys', '$user'"],
  ['standard_conforming_strings', 'off'],
  ['bytea_output', "'escape'"],
  ['extra_float_digits', '-10'],
  ['lc_monetary', "'C.UTF-8'"],
  ['lc_numeric', "'C.UTF-8'"],
  ['lc_time', "'C.UTF-8'"],
  ['array_nulls', 'off'],
  ['quote_all_identifiers', 'on'],
  ['transform_null_equals', 'on'],
  ['default_transaction_isolation', "'serializable'"],
  ['client_encoding', "'LATIN1'"],
  ['statement_timeout', '1'],
  ['idle_session_timeout', '1'],
  ['exit_on_error', 'on'],
  ['gin_fuzzy_search_limit', '1'],
  ['lc_messages', "'C'"],
  ['xmlbinary', "'hex'"],
  ['client_min_messages', "'debug5'"],
  ['default_text_search_config', "'german'"],
  ['row_security', 'off'],
  ['backslash_quote', 'on'],
  ['idle_in_transaction_session_timeout', '1'],
  // Other plans, the same rows in the same order.
  ['enable_seqscan', 'off'],
  ['enable_indexscan', 'off'],
  ['enable_sort', 'off'],
  ['enable_hashagg', 'off'],
  ['enable_hashjoin', 'off'],
  ['enable_nestloop', 'off'],
  ['jit', 'off'],
  ['plan_cache_mode', "'force_custom_plan'"],
  ['work_mem', "'64kB'"],
];

const reads = [
  '/training?limit=100&include=prediction',
  '/training?limit=10&sort_by=media_title&media_title=amelie',
  '/training/stats',
  '/training/export?format=csv',
  '/training/export?format=ndjson',
  `/training/${sampleTitles[0]?.imdb_id}`,
  `/training/${sampleTitles[0]?.imdb_id}/history`,
  '/movies/?limit=100&threshold=0.5',
  '/movies/export?format=csv',
  '/prediction/?limit=100',
  '/prediction/evaluation',
  '/prediction/slices?by=decade',
  '/media/?limit=100',
  '/media/stats',
  '/media/export?format=csv',
  `/media/${sampleHash(1)}`,
  '/activity',
  '/flyway?schema=console',
  '/flyway/migrations?schema=console',
];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(app.db, sampleTitles);
  await insertMedia(app.db, [{ hash: sampleHash(1) }, { hash: sampleHash(2), imdb_id: 'tt1000000' }]);
  const { status } = await app.call('PATCH', `/training/${sampleTitles[0]?.imdb_id}/would_watch`);
  expect(status).toBe(200);
  await sql`create schema decoys`.execute(app.db);
  await sql`create table decoys.training (imdb_id text); create table decoys.media (hash text)`.execute(app.db);
});
afterAll(() => app.close());

/** The replies in the order of `reads`, and those of one label given and undone. */
async function replies(of: TestApp): Promise<string[]> {
  const texts: string[] = [];
  for (const path of reads) {
    const { status, text } = await of.call('GET', path);
    texts.push(`${path} ${status} ${text}`);
  }
  return texts;
}

test('settings of the database, the role and the URL change no byte of a reply', async () => {
  const before = await replies(app);
  expect(before.filter((text) => !/^\S+ 200 /.test(text))).toEqual([]);
  const url = app.config.database as string;
  const { rows } = await sql<{ database: string; role: string }>`
    select quote_ident(current_database()) as database, quote_ident(current_user) as role`.execute(app.db);
  const { database, role } = rows[0] as (typeof rows)[0];
  for (const [name, value] of settings) {
    await sql.raw(`alter database ${database} set ${name} = ${value}`).execute(app.db);
    await sql.raw(`alter role ${role} in database ${database} set ${name} = ${value}`).execute(app.db);
  }
  const options = settings.map(([name, value]) => `-c ${name}=${value.replaceAll(/'/g, '').replaceAll(' ', '\\ ')}`);
  const parameters = `options=${encodeURIComponent(options.join(' '))}&client_encoding=latin1&binary=true&query_timeout=1`;
  const altered = await startTestApp({ database: `${url}${url.includes('?') ? '&' : '?'}${parameters}` });
  try {
    expect(await replies(altered)).toEqual(before);
    const path = `/training/${sampleTitles[1]?.imdb_id}/would_watch`;
    expect((await altered.call('PATCH', path)).status).toBe(200);
    expect((await altered.call('GET', '/readyz')).status).toBe(200);
    // The same row, read through either session.
    const changed = `/training/${sampleTitles[1]?.imdb_id}`;
    expect((await altered.call('GET', changed)).text).toBe((await app.call('GET', changed)).text);
  } finally {
    await altered.close();
  }
});
