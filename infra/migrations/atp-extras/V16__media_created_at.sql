DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_created_at;
CREATE INDEX CONCURRENTLY console_media_created_at
  ON atp.media (created_at DESC, hash DESC) WHERE deleted_at IS NULL;
