-- fastupdate off: a search must never first work through the list of pending entries.
DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_title_search;
CREATE INDEX CONCURRENTLY console_training_title_search
  ON atp.training USING gin (media_title gin_trgm_ops) WITH (fastupdate = off);
