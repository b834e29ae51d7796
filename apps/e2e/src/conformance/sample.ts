import { createHash } from 'node:crypto';
import type pg from 'pg';

/**
 * Rows for the suite's own server: a null, a duplicate and an edge value in every column that is filtered or sorted, and
 * text with wildcards of LIKE. The suite finds them through the API, as it finds the rows of any server.
 */

const pick = <T>(items: readonly T[], i: number): T => items[i % items.length] as T;

const mediaTypes = ['movie', 'tv_show', 'tv_season', 'unknown', 'tv_episode_pack'];
const statuses = ['parsed', 'paused', 'rejected', 'file_accepted', 'metadata_collected', 'media_accepted', 'complete'];

const titles = Array.from({ length: 40 }, (_, i) => ({
  imdb_id: `tt${String(1_000_000 + ((i * 7919) % 9973)).padStart(7, '0')}`,
  tmdb_id: i % 4 === 0 ? null : 5000 - i,
  label: pick(['would_watch', 'would_not_watch', null], i),
  human_labeled: i % 2 === 0,
  anomalous: i % 5 === 0,
  reviewed: pick([true, false, null], i >> 1),
  media_type: pick(mediaTypes, i),
  media_title: pick(['The Matrix', 'the matrix', '100% Wolf', '100 Wolves', 'snake_case', 'snakeXcase', 'Amélie'], i),
  release_year: 1990 + (i % 7),
  budget: pick([null, '0', '45000000', '9007199254740993'], i),
  revenue: pick([null, '10', '10', '250000000'], i >> 1),
  runtime: pick([null, 90, 120], i),
  origin_country: pick([null, ['US'], ['GB', 'FR']], i),
  original_language: pick([null, 'en', 'fr'], i),
  genre: pick([null, ['Drama'], ['Comedy', 'War']], i),
  tmdb_rating: pick([null, '6.241', '6.5', '10.000', '0'], i),
  tmdb_votes: pick([null, 1, 7], i),
  rt_score: pick([null, 0, 100], i >> 1),
  metascore: pick([55, null], i),
  imdb_rating: pick([null, '72.0', '8.1'], i),
  imdb_votes: pick([null, 12, 400_000], i),
  // A whole second, and a fraction that a Date would lose.
  created_at: pick(['2025-05-21T02:27:51Z', '2025-05-21T02:27:51.094287Z', '2025-05-20T00:00:00.1Z'], i),
  updated_at: `2025-06-0${1 + (i % 5)}T12:00:00Z`,
}));

const predictions = titles
  .filter((_, i) => i % 4 !== 3)
  .map(({ imdb_id }, i) => ({
    imdb_id,
    prediction: i % 2,
    probability: pick(['0.5', '0.25', '0.75', '0', '1', '0.123456789'], i),
    cm_value: pick(['tp', 'tn', 'fp', 'fn'], i),
    created_at: pick(['2025-05-22T00:00:00Z', '2025-05-23T01:02:03.000004Z'], i),
  }));

const media = Array.from({ length: 30 }, (_, i) => {
  const hash = createHash('sha1').update(`item ${i}`).digest('hex');
  return {
    hash,
    media_type: pick(mediaTypes, i >> 1),
    media_title: pick(['The Matrix', null, '100% Wolf', '100 Wolves', 'matrix'], i),
    release_year: pick([1990, 1991, null, 1992], i),
    pipeline_status: pick(statuses, i),
    error_status: i % 6 === 0,
    error_condition: i % 6 === 0 ? 'timeout' : null,
    rejection_status: pick(['unfiltered', 'accepted', 'rejected', 'override'], i),
    // The items of one title have paths.
    parent_path: i % 5 === 1 ? '/films' : null,
    target_path: i % 5 === 1 ? `Release.${i}` : null,
    original_title: `Release.${i}.1080p-GROUP`,
    original_link: i % 5 === 4 ? null : `magnet:?xt=urn:btih:${hash}&dn=Release.${i}`,
    rss_source: pick(['yts.mx', 'episodefeed.com', null], i),
    // Of every tenth title only, so that there are titles without a media item.
    imdb_id: pick([null, titles[0]?.imdb_id, titles[10]?.imdb_id, titles[20]?.imdb_id, 'tt9999999'], i),
    resolution: pick(['1080p', '720p', null], i),
    created_at: pick(['2025-05-21T02:27:51Z', '2025-05-21T02:27:51.094287Z'], i),
    updated_at: '2025-06-01T12:00:00Z',
    deleted_at: i % 7 === 6 ? '2025-07-01T00:00:00Z' : null,
  };
});

/** Fills an empty, migrated database. */
export async function fillSample(client: pg.Client): Promise<void> {
  // No trigger of the tables is about inserts, so what stands here is what the rows hold.
  for (const [table, rows] of Object.entries({ training: titles, prediction: predictions, media })) {
    const columns = Object.keys(rows[0] as object).join(', ');
    await client.query(
      `INSERT INTO atp.${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(null::atp.${table}, $1)`,
      [JSON.stringify(rows)],
    );
  }
  // Items of the queue: one that rests in each status, and more that are completed.
  await client.query(`
    insert into console.queue_item (file_path, file, movie_code, actress, metadata_json, new_path, published_at, emby_item_id,
      failed_run_id, failed_step, error_message, error_fingerprint, created_at)
    select '/watch/' || n || '.mkv', '{}', case when n <> 3 then 'ABC-' || n end, case n % 2 when 0 then 'Ann Miller' else 'Bea' end,
      '{"title": "A title"}', case when n not in (2, 3) then '/library/' || n || '.mkv' end, case when n > 3 then now() end,
      case when n > 3 then n::text end, case when n = 2 then gen_random_uuid() end, case when n = 2 then 'metadata' end,
      case when n = 2 then 'The provider does not know it.' end, case when n = 2 then 'abc' end, now() - make_interval(hours => n)
    from generate_series(1, 12) as n
  `);
}
