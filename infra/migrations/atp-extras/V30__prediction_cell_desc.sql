DROP INDEX CONCURRENTLY IF EXISTS atp.console_prediction_cell_desc;
CREATE INDEX CONCURRENTLY console_prediction_cell_desc
  ON atp.prediction (cm_value, probability DESC, imdb_id);
