DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_imdb_id_prefix;
CREATE INDEX CONCURRENTLY console_training_imdb_id_prefix ON atp.training (imdb_id text_pattern_ops);
