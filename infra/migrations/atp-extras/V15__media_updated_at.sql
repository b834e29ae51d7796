DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_updated_at;
CREATE INDEX CONCURRENTLY console_media_updated_at
  ON atp.media (updated_at DESC, hash DESC) WHERE deleted_at IS NULL;
