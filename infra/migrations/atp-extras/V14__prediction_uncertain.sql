-- The predictions nearest to a coin's toss first.
DROP INDEX CONCURRENTLY IF EXISTS atp.console_prediction_uncertain;
CREATE INDEX CONCURRENTLY console_prediction_uncertain ON atp.prediction (abs(probability - 0.5), imdb_id);
