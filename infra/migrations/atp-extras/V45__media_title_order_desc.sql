DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_title_order_desc;
CREATE INDEX CONCURRENTLY console_media_title_order_desc
  ON atp.media (left(atp.console_fold(media_title), 200) COLLATE "C" DESC, hash)
  WHERE deleted_at IS NULL AND media_title IS NOT NULL;
