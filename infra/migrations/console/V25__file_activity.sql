-- Files that were found, and what became of them, are events of the list of activity. What people ask of files and runs is written
-- by the API, with the same members of the payload; packages/domain/src/queue/activity.ts names them.
CREATE FUNCTION console.note_file_run() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO console.event (type, actor, imdb_ids, hashes, payload)
  SELECT 'queue.changed', CASE TG_OP WHEN 'INSERT' THEN NEW.requested_by ELSE 'worker' END, '{}', '{}',
    jsonb_strip_nulls(jsonb_build_object('action', act.name, 'item_id', i.id, 'name', coalesce(i.movie_code, base.name),
      'file', base.name, 'run_id', NEW.id, 'error', CASE act.name WHEN 'failed' THEN i.error_message END))
  FROM console.queue_item i,
    LATERAL (SELECT regexp_replace(i.file_path, '^.*/', '') AS name) base,
    LATERAL (SELECT CASE
      WHEN TG_OP = 'INSERT' THEN 'found'
      WHEN NEW.outcome IN ('failed', 'timeout') THEN 'failed'
      WHEN i.new_path IS NOT NULL THEN 'completed'
    END AS name) act
  WHERE i.id = NEW.subject_id::bigint AND act.name IS NOT NULL;
  RETURN NULL;
END
$$;

-- Named so that run_of_queue_item comes before it: the item then has the message.
CREATE TRIGGER run_of_queue_item_noted
  AFTER INSERT ON console.run
  FOR EACH ROW WHEN (NEW.subject_type = 'queue_item' AND NEW.trigger = 'event')
  EXECUTE FUNCTION console.note_file_run();

-- Not those of a single step, such as one that only fetched metadata, unless they fail.
CREATE TRIGGER run_of_queue_item_over
  AFTER UPDATE OF outcome ON console.run
  FOR EACH ROW WHEN (NEW.subject_type = 'queue_item' AND OLD.outcome IS NULL AND (
    NEW.outcome IN ('failed', 'timeout') OR NEW.outcome = 'completed' AND NEW.params -> 'steps' ?| ARRAY['move', 'publish']
  ))
  EXECUTE FUNCTION console.note_file_run();
