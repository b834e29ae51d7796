DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_title_order;
CREATE INDEX CONCURRENTLY console_media_title_order
  ON atp.media (left(atp.console_fold(media_title), 200) COLLATE "C", hash)
  WHERE deleted_at IS NULL AND media_title IS NOT NULL;
