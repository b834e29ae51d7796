DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_updated_at;
CREATE INDEX CONCURRENTLY console_training_updated_at ON atp.training (updated_at DESC, imdb_id DESC);
