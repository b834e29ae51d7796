import { filterWord, wordOfFilter } from '@at/contracts/filter-words';
import type { MediaList, MediaStats } from '@at/contracts/media';
import type { TrainingList, TrainingStats } from '@at/contracts/training';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

/** Words of the owner that filters use for something else: counted and filtered as themselves. */

const words = ['would_watch', 'none', 'any', 'all', 'errors', '', '"none"', 'a "word"', null];
const statuses = words.map((word) => word ?? 'complete').filter((word) => word !== 'would_watch');

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ template: 'plain' });
  const { db } = app;
  for (const word of words.slice(1, -1)) {
    for (const type of ['label_type', 'pipeline_status', 'media_type']) {
      await sql`alter type ${sql.table(`atp.${type}`)} add value ${sql.lit(word)}`.execute(db);
    }
  }
  for (const [i, word] of words.entries()) {
    // As many titles as the place of the word.
    await sql`insert into atp.training (imdb_id, media_title, media_type, release_year, label)
      select 'tt' || 7000000 + ${i} * 100 + n, 'Title', 'movie', 1990, ${word}::text::atp.label_type
      from generate_series(0, ${i}::integer) n`.execute(db);
  }
  for (const [i, status] of statuses.entries()) {
    await sql`insert into atp.media (hash, media_type, original_title, pipeline_status)
      select repeat(to_hex(${i}::integer), 20) || lpad(n::text, 20, '0'), ${status === 'complete' ? 'movie' : status}::text::atp.media_type, 'Release', ${status}::text::atp.pipeline_status
      from generate_series(0, ${i}::integer) n`.execute(db);
  }
});
afterAll(() => app.close());

test('a word that a filter reserves is named in quotes, and found again', () => {
  expect(words.map(filterWord)).toEqual([
    ...['would_watch', '"none"', '"any"', '"all"', '"errors"', '""', '""none""', 'a "word"', 'none'],
  ]);
  for (const word of words.slice(0, -1)) expect(wordOfFilter(filterWord(word))).toBe(word);
});

test('each count of labels is what its word as a filter finds, and they add up', async () => {
  const { body: stats } = await app.call<TrainingStats>('GET', '/training/stats');
  expect(Object.values(stats.label).reduce((sum, count) => sum + count, 0)).toBe(stats.total);
  expect(stats.label).toMatchObject({ none: words.length, '"none"': 2, '""': 6 });
  for (const [word, count] of Object.entries(stats.label)) {
    const { body } = await app.call<TrainingList>('GET', `/training?label=${encodeURIComponent(word)}`);
    expect([word, body.pagination.total]).toEqual([word, count]);
    const label = word === 'none' ? null : wordOfFilter(word);
    for (const row of body.data) expect(row.label).toBe(label);
  }
});

test('each count of statuses and types is what its word as a filter finds, and they add up', async () => {
  const { body: stats } = await app.call<MediaStats>('GET', '/media/stats');
  for (const column of ['pipeline_status', 'media_type'] as const) {
    const counts = Object.entries(stats[column]);
    expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBe(stats.total);
    for (const [word, count] of counts) {
      const { body } = await app.call<MediaList>('GET', `/media/?${column}=${encodeURIComponent(word)}`);
      expect([word, body.pagination.total]).toEqual([word, count]);
    }
  }
});

test('a word that is written is not read as a filter', async () => {
  const { status } = await app.call('PATCH', `/media/${'0'.repeat(40)}/pipeline`, {
    body: { hash: '0'.repeat(40), pipeline_status: '"any"' },
  });
  expect(status).toBe(422);
});
