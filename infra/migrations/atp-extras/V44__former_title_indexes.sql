DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_title_search;
DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_title_prefix;
DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_title_search;
DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_title_prefix;
