DROP INDEX CONCURRENTLY IF EXISTS atp.console_prediction_created_at;
CREATE INDEX CONCURRENTLY console_prediction_created_at ON atp.prediction (created_at DESC, imdb_id DESC);
