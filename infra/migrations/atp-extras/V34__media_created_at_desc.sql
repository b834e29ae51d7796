DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_created_at_desc;
CREATE INDEX CONCURRENTLY console_media_created_at_desc
  ON atp.media (created_at DESC, hash) WHERE deleted_at IS NULL;
