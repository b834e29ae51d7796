DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_created_at;
CREATE INDEX CONCURRENTLY console_training_created_at ON atp.training (created_at DESC, imdb_id DESC);
