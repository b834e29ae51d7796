-- hash is char(40), hence bpchar.
DROP INDEX CONCURRENTLY IF EXISTS atp.console_media_hash_prefix;
CREATE INDEX CONCURRENTLY console_media_hash_prefix
  ON atp.media (hash bpchar_pattern_ops) WHERE deleted_at IS NULL;
