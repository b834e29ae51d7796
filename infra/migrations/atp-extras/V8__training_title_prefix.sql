DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_title_prefix;
CREATE INDEX CONCURRENTLY console_training_title_prefix ON atp.training (lower(media_title) text_pattern_ops);
