DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_title_order_desc;
CREATE INDEX CONCURRENTLY console_training_title_order_desc
  ON atp.training (left(atp.console_fold(media_title), 200) COLLATE "C" DESC, imdb_id);
