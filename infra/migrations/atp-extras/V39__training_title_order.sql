DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_title_order;
CREATE INDEX CONCURRENTLY console_training_title_order
  ON atp.training (left(atp.console_fold(media_title), 200) COLLATE "C", imdb_id);
