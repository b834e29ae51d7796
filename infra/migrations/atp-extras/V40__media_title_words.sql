-- fastupdate off: a search must never first work through the list of pending entries.
DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_title_words;
CREATE INDEX CONCURRENTLY console_media_title_words
  ON atp.media USING gin (
    replace(atp.console_fold(media_title), ' ', '') gin_trgm_ops,
    replace(atp.console_fold(original_title), ' ', '') gin_trgm_ops
  ) WITH (fastupdate = off) WHERE deleted_at IS NULL;
