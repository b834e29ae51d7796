DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_errors_desc;
CREATE INDEX CONCURRENTLY console_media_errors_desc
  ON atp.media (updated_at DESC, hash) WHERE error_status AND deleted_at IS NULL;
