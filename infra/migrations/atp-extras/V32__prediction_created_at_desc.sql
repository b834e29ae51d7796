DROP INDEX CONCURRENTLY IF EXISTS atp.console_prediction_created_at_desc;
CREATE INDEX CONCURRENTLY console_prediction_created_at_desc
  ON atp.prediction (created_at DESC, imdb_id);
