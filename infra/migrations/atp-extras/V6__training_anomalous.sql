DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_anomalous;
CREATE INDEX CONCURRENTLY console_training_anomalous
  ON atp.training (updated_at DESC, imdb_id DESC) WHERE anomalous;
