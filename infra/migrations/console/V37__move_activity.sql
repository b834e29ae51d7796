-- Runs that moved files are events of the list of activity, one for each run, written when it ends.
CREATE FUNCTION console.note_moves() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO console.event (type, actor, imdb_ids, hashes, payload)
  SELECT 'queue.changed', coalesce(NEW.requested_by, 'worker'), '{}', '{}', jsonb_build_object(
    'action', act.name, 'verified', NEW.requested_by IS NULL OR NEW.requested_by_verified, 'run_id', NEW.id, 'task', NEW.task,
    'count', act.count)
  FROM (
    SELECT count(*) AS count, CASE
      WHEN every(m.undoes IS NOT NULL) THEN 'moved-back'
      WHEN every(m.action = 'copy') THEN 'copied'
      WHEN every(m.action = 'quarantine') THEN 'removed'
      ELSE 'moved'
    END AS name
    FROM console.move m WHERE m.run_id = NEW.id AND m.state = 'done'
  ) act
  WHERE act.count > 0;
  RETURN NULL;
END
$$;

CREATE TRIGGER run_that_moved_files_over
  AFTER UPDATE OF outcome ON console.run
  FOR EACH ROW WHEN (OLD.outcome IS NULL AND NEW.outcome IS NOT NULL)
  EXECUTE FUNCTION console.note_moves();

ALTER TABLE console.move ADD CONSTRAINT move_has_a_batch FOREIGN KEY (new_batch_id) REFERENCES console.batch (id) NOT VALID;
