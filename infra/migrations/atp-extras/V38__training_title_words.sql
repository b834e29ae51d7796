-- fastupdate off: a search must never first work through the list of pending entries.
DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_title_words;
CREATE INDEX CONCURRENTLY console_training_title_words
  ON atp.training USING gin (replace(atp.console_fold(media_title), ' ', '') gin_trgm_ops) WITH (fastupdate = off);
