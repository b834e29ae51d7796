DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_created_at_desc;
CREATE INDEX CONCURRENTLY console_training_created_at_desc
  ON atp.training (created_at DESC, imdb_id);
