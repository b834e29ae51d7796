-- Descending, equal values by ascending id. The index without DESC in its name is read backward: ascending in both, and
-- the rest of the rows that have the value of a cursor.
DROP INDEX CONCURRENTLY IF EXISTS atp.console_training_updated_at_desc;
CREATE INDEX CONCURRENTLY console_training_updated_at_desc
  ON atp.training (updated_at DESC, imdb_id);
