import type pg from 'pg';

const prose =
  'a detective returns to the harbour town where her brother vanished and finds that nobody wants the case reopened ' +
  'while two rival families prepare for a wedding that neither can afford and an old letter turns up in the wrong hands ' +
  'so that the night of the storm becomes the longest of their lives and the truth costs more than silence ever did';

const words =
  'Harbour,Letter,Night,Été,Storm,Silence,Winter,Garden,Última,Brother,Station,Mirror,Über,River,Crown,Tōkyō';
const studios = 'Northlight Pictures,Harbour House,Studio Été,Bluebird Films,Old Mill Entertainment,Third Act';
const kinds = 'Action,Adventure,Comedy,Crime,Drama,Family,Fantasy,Horror,Romance,Science Fiction,Thriller,War';

/**
 * Fills empty tables with `titles` invented titles and predictions for 90 % of them, then runs ANALYZE. The same number
 * gives the same rows. The distribution is realistic for query plans: 75 % are films, 15 % are unreviewed, 1 % are
 * anomalous, and the physical order of rows correlates with no key.
 */
export async function generateRows(client: pg.ClientBase, titles: number): Promise<void> {
  // The same random numbers and times on every machine.
  await client.query(`SET TimeZone = 'UTC'; SELECT setseed(0.5)`);
  await client.query(
    `INSERT INTO atp.training (
       imdb_id, tmdb_id, label, human_labeled, anomalous, reviewed, media_type, media_title, season, episode,
       release_year, budget, revenue, runtime, origin_country, production_companies, production_countries,
       production_status, original_language, spoken_languages, genre, original_media_title, tagline, overview,
       tmdb_rating, tmdb_votes, rt_score, metascore, imdb_rating, imdb_votes, created_at, updated_at
     )
     SELECT
       'tt' || lpad((10000000 + i)::text, 8, '0'), i,
       CASE WHEN d[1] < 0.4 THEN 'would_watch' WHEN d[1] < 0.95 THEN 'would_not_watch' END::atp.label_type,
       d[2] < 0.7, d[3] < 0.01, CASE WHEN d[4] < 0.85 THEN true WHEN d[4] < 0.98 THEN false END,
       CASE WHEN is_film THEN 'movie' WHEN d[5] < 0.9 THEN 'tv_show' ELSE 'tv_season' END::atp.media_type,
       word[1 + i % 16] || ' ' || word[1 + (d[6] * 15.99)::int % 16] || ' ' || i,
       CASE WHEN d[5] >= 0.9 THEN 1 + (d[1] * 9)::int END, NULL,
       1950 + (d[7] * 75)::int, (d[1] * 2e8)::bigint, CASE WHEN d[2] < 0.8 THEN (d[3] * 9e8)::bigint END, 60 + (d[4] * 120)::int,
       '{US}', studio[1 + (d[6] * 4)::int : 2 + (d[6] * 4)::int], '{US,GB}',
       'Released', CASE WHEN d[8] < 0.7 THEN 'en' ELSE 'fr' END, '{en,fr}',
       kind[1 + (d[8] * 9)::int : 3 + (d[8] * 9)::int],
       word[1 + i % 16] || ' ' || i, left(substr($1, 1 + (d[2] * 100)::int), 60),
       initcap(left(substr($1 || ' ' || $1, 1 + (d[3] * 200)::int), 320 + (d[6] * 120)::int)),
       (d[4] * 10)::numeric(5, 3), (d[5] * 20000)::int, (d[6] * 100)::int, CASE WHEN d[7] < 0.8 THEN (d[7] * 100)::int END,
       (d[8] * 100)::numeric(4, 1), (d[1] * 500000)::int,
       moment, moment + d[2] * interval '300 days'
     FROM (
       SELECT i, d, d[5] < 0.75 AS is_film, '2024-01-01Z'::timestamptz + d[8] * interval '400 days' AS moment
       FROM (
         SELECT i, ARRAY[random(), random(), random(), random(), random(), random(), random(), random()] AS d
         FROM generate_series(1, $2::integer) AS i
       ) AS drawn
     ) AS one,
     (SELECT string_to_array($3, ',') AS word, string_to_array($4, ',') AS studio, string_to_array($5, ',') AS kind) AS lists`,
    [prose, titles, words, studios, kinds],
  );
  await client.query(
    `INSERT INTO atp.prediction (imdb_id, prediction, probability, cm_value, created_at)
     SELECT imdb_id, (p >= 0.5)::int, p::numeric,
       CASE WHEN p >= 0.5 THEN CASE label WHEN 'would_watch' THEN 'tp' ELSE 'fp' END
         ELSE CASE label WHEN 'would_watch' THEN 'fn' ELSE 'tn' END END,
       created_at + interval '1 day'
     FROM (SELECT imdb_id, label, created_at, random() AS p, random() AS kept FROM atp.training) AS title
     WHERE kept < 0.9`,
  );
  // Index-only scans need the visibility map.
  await client.query('VACUUM (ANALYZE) atp.training');
  await client.query('VACUUM (ANALYZE) atp.prediction');
}

/** One media item for each title: most complete or rejected, 10 % deleted, 1 % failed. */
export async function generateMedia(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT setseed(0.25)');
  await client.query(
    `INSERT INTO atp.media (hash, media_type, media_title, release_year, pipeline_status, error_status, rejection_status,
       original_title, rss_source, imdb_id, resolution, created_at, updated_at, deleted_at)
     SELECT md5(i::text) || substr(md5((-i)::text), 1, 8), media_type, media_title, release_year,
       (CASE WHEN d < 0.6 THEN 'complete' WHEN d < 0.9 THEN 'rejected' WHEN d < 0.95 THEN 'parsed' ELSE
         (ARRAY['ingested', 'paused', 'file_accepted', 'metadata_collected', 'media_accepted', 'downloading', 'downloaded',
           'transferred'])[1 + i % 8] END)::atp.pipeline_status,
       i % 100 = 0, (CASE WHEN d < 0.6 THEN 'accepted' ELSE 'rejected' END)::atp.rejection_status,
       'Release.' || i, 'yts.mx', imdb_id, '1080p', created_at, updated_at, CASE WHEN i % 10 = 3 THEN updated_at END
     FROM (SELECT row_number() OVER (ORDER BY imdb_id) AS i, random() AS d, * FROM atp.training) AS title`,
  );
  await client.query('VACUUM (ANALYZE) atp.media');
}
