DROP INDEX CONCURRENTLY IF EXISTS atp.console_prediction_probability_desc;
CREATE INDEX CONCURRENTLY console_prediction_probability_desc
  ON atp.prediction (probability DESC, imdb_id);
