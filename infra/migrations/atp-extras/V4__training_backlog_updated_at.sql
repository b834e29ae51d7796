-- reviewed may be null, which counts as not reviewed: coalesce(reviewed, false) finds both in one range of the index.
-- The column itself is included, or Postgres would look into the table for every row it counts or passes over.
DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_backlog_updated_at;
CREATE INDEX CONCURRENTLY console_training_backlog_updated_at
  ON atp.training (media_type, (coalesce(reviewed, false)), updated_at DESC, imdb_id DESC) INCLUDE (reviewed);
