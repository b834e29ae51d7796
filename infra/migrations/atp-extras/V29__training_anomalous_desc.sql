DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_anomalous_desc;
CREATE INDEX CONCURRENTLY console_training_anomalous_desc
  ON atp.training (updated_at DESC, imdb_id) WHERE anomalous;
