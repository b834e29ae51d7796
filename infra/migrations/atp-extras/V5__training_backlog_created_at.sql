DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_backlog_created_at;
CREATE INDEX CONCURRENTLY console_training_backlog_created_at
  ON atp.training (media_type, (coalesce(reviewed, false)), created_at DESC, imdb_id DESC) INCLUDE (reviewed);
