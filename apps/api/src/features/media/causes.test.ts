import { type ErrorCause, type MediaList, noCause } from '@at/contracts/media';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preview } from '#test/bulk-operations.ts';
import { insertMedia, sampleHash } from '#test/sample-media.ts';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Errors of one cause each, the newest first. */
const alike: Record<string, (string | null)[]> = {
  'metadata search: no result for …': [
    'metadata search: no result for "Alien"',
    'metadata search: no result for "2001: A Space/Odyssey"',
  ],
  'HTTP … from … after … s': [
    'HTTP 503 from https://api.example/3/movie/7?x=1 after 30 s',
    'HTTP 502 from http://b after 1.5 s',
  ],
  'cannot move … to …: no space left': [
    'cannot move /cache/a.mkv to /library: no space left',
    'cannot move /x to /y/z: no space left',
  ],
  'torrent … is gone': [
    'torrent d6f3a0c1e2b4958677a8b9c0d1e2f3a4b5c6d7e8 is gone',
    'torrent  c4ca4238a0b923820dcc509a6f75849b is gone ',
  ],
  'and/or not parsed': ['and/or not parsed'],
  [noCause]: [null, ' '],
};

test('errors are grouped by what they have in common, the most frequent first, and each group is a filter', async () => {
  const items = Object.values(alike)
    .flat()
    .map((error_condition, i) => ({
      hash: sampleHash(i),
      error_status: true,
      error_condition,
      updated_at: new Date(Date.UTC(2026, 1, 1) - i * 60_000).toISOString(),
    }));
  const [first] = items;
  await insertMedia(app.db, [
    ...items,
    { ...first, hash: sampleHash(100), deleted_at: '2026-01-01T00:00:00Z' },
    { ...first, hash: sampleHash(101), error_status: false, error_condition: null },
  ]);
  const { body } = await app.call<{ data: ErrorCause[]; total: number }>('GET', '/media/errors');
  expect(Object.fromEntries(body.data.map(({ cause, count }) => [cause, count]))).toEqual(
    Object.fromEntries(Object.entries(alike).map(([cause, conditions]) => [cause, conditions.length])),
  );
  expect(body.total).toBe(body.data.length);
  const counts = body.data.map(({ count }) => count);
  expect(counts).toEqual(counts.toSorted((left, right) => right - left));
  for (const { cause, count, example, newest_updated_at } of body.data) {
    const { data } = (await app.call<MediaList>('GET', `/media/?sort_by=updated_at&cause=${encodeURIComponent(cause)}`))
      .body;
    expect(data.map(({ error_condition }) => error_condition)).toEqual(alike[cause]);
    expect(data).toHaveLength(count);
    expect([data[0]?.error_condition, data[0]?.updated_at]).toEqual([example, newest_updated_at]);
  }
});

test('among many errors the newest 10,000 have a cause, the same ones for the list and an operation', async () => {
  const cause = 'cannot open …: %_full';
  // Later than the others, and all at the same time: the hash says which are the newest.
  await sql`
    insert into atp.media (hash, media_type, original_title, pipeline_status, error_status, error_condition, updated_at)
    select 'f' || lpad(to_hex(i), 39, '0'), 'movie', 'many', 'parsed', true, 'cannot  open /a/' || i || ': %_full', '2099-06-01T00:00:00Z'
    from generate_series(1, 10050) as i
  `.execute(app.db);
  const counts = async () =>
    (await app.call<{ data: ErrorCause[] }>('GET', '/media/errors')).body.data.map((error) => [
      error.cause,
      error.count,
    ]);
  // An answer is shared for a second, or until the event of the rows is there.
  await expect.poll(counts).toEqual([[cause, 10_000]]);
  const query = `cause=${encodeURIComponent(cause)}`;
  const list = (await app.call<MediaList>('GET', `/media/?${query}&count=exact`)).body;
  expect(list.pagination.total).toBe(10_000);
  const { operation } = (await preview(app, { subject: 'media', action: 'reingest', filter: { cause } })).body;
  expect(operation.total).toBe(10_000);
  const older = (await app.call<MediaList>('GET', `/media/?cause=${encodeURIComponent(noCause)}`)).body;
  expect(older.data).toEqual([]);
  const deleted = `deleted=only&cause=${encodeURIComponent(Object.keys(alike)[0] as string)}`;
  expect((await app.call<MediaList>('GET', `/media/?${deleted}`)).body.data).toHaveLength(1);
});
