DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_title_prefix;
CREATE INDEX CONCURRENTLY console_media_title_prefix
  ON atp.media (lower(media_title) text_pattern_ops) WHERE deleted_at IS NULL;
