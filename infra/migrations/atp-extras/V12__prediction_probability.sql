DROP INDEX CONCURRENTLY IF EXISTS atp.console_prediction_probability;
CREATE INDEX CONCURRENTLY console_prediction_probability ON atp.prediction (probability DESC, imdb_id DESC);
