DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_errors;
CREATE INDEX CONCURRENTLY console_media_errors
  ON atp.media (updated_at DESC, hash DESC) WHERE error_status AND deleted_at IS NULL;
