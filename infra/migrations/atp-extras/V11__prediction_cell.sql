DROP INDEX CONCURRENTLY IF EXISTS atp.console_prediction_cell;
CREATE INDEX CONCURRENTLY console_prediction_cell
  ON atp.prediction (cm_value, probability DESC, imdb_id DESC);
