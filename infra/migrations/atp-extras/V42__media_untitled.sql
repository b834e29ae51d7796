DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_untitled;
CREATE INDEX CONCURRENTLY console_media_untitled ON atp.media (hash) WHERE deleted_at IS NULL AND media_title IS NULL;
