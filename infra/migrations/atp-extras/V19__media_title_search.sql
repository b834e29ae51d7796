DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_title_search;
CREATE INDEX CONCURRENTLY console_media_title_search
  ON atp.media USING gin (media_title gin_trgm_ops) WITH (fastupdate = off) WHERE deleted_at IS NULL;
