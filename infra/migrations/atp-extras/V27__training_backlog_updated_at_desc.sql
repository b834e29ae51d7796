DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_backlog_updated_at_desc;
CREATE INDEX CONCURRENTLY console_training_backlog_updated_at_desc
  ON atp.training (media_type, (coalesce(reviewed, false)), updated_at DESC, imdb_id) INCLUDE (reviewed);
