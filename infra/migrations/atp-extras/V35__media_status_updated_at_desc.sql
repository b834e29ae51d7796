DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_status_updated_at_desc;
CREATE INDEX CONCURRENTLY console_media_status_updated_at_desc
  ON atp.media (pipeline_status, updated_at DESC, hash) WHERE deleted_at IS NULL;
