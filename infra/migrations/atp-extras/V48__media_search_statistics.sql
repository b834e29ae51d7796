-- The index that media items are searched by is partial, and the planner takes no statistics from such an index: it would take
-- every word for a rare one, and every number for a frequent one.
DROP STATISTICS IF EXISTS atp.console_media_title_words_statistics;
CREATE STATISTICS atp.console_media_title_words_statistics
  ON (replace(atp.console_fold(media_title), ' ', '')) FROM atp.media;
DROP STATISTICS IF EXISTS atp.console_media_release_words_statistics;
CREATE STATISTICS atp.console_media_release_words_statistics
  ON (replace(atp.console_fold(original_title), ' ', '')) FROM atp.media;
ANALYZE atp.media;
