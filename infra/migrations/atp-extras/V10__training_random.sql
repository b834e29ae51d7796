-- An order that looks random yet stays the same from page to page.
DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_random;
CREATE INDEX CONCURRENTLY console_training_random ON atp.training (md5(imdb_id), imdb_id);
