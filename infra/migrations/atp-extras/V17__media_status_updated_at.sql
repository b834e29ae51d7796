DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_status_updated_at;
CREATE INDEX CONCURRENTLY console_media_status_updated_at
  ON atp.media (pipeline_status, updated_at DESC, hash DESC) WHERE deleted_at IS NULL;
