-- The function of V17, with two more ends of a failure: a removal of the file that ended without success is over when another run
-- completes, and a failure to publish when the file has been moved again, because a run without a media server has no step to publish.
CREATE OR REPLACE FUNCTION console.note_item_run() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  failed record;
BEGIN
  IF NEW.outcome IS NULL OR NEW.outcome = 'completed' THEN
    UPDATE console.queue_item i
    SET run_id = NEW.id, is_active = NEW.outcome IS NULL, updated_at = now()
    WHERE i.id = NEW.subject_id::bigint;
    UPDATE console.queue_item i
    SET failed_run_id = NULL, failed_step = NULL, error_message = NULL, error_fingerprint = NULL, retry_count = 0
    WHERE i.id = NEW.subject_id::bigint AND NEW.outcome = 'completed' AND i.failed_step IS NOT NULL
      AND EXISTS (
        SELECT FROM console.step s
        WHERE s.run_id = NEW.id
          AND (s.ref = i.failed_step OR i.failed_step = 'remove_file' OR (i.failed_step = 'publish' AND s.ref = 'move'))
      );
    RETURN NULL;
  END IF;
  SELECT s.ref AS step, s.failures,
    CASE WHEN s.outcome = 'cancelled' THEN 'Cancelled by ' || coalesce(NEW.cancel_requested_by, 'a person') || '.'
      ELSE coalesce(s.error ->> 'message', 'It failed without a message.') END AS message
  INTO failed
  FROM console.step s
  WHERE s.run_id = NEW.id AND s.outcome NOT IN ('completed', 'skipped')
  ORDER BY s.position
  LIMIT 1;
  UPDATE console.queue_item i
  SET run_id = NEW.id, is_active = false, failed_run_id = NEW.id, failed_step = failed.step, error_message = failed.message,
    error_fingerprint =
      console.failure_fingerprint(failed.step, failed.message, ARRAY[i.new_path, i.file_path, i.movie_code]),
    retry_count = failed.failures, updated_at = now()
  WHERE i.id = NEW.subject_id::bigint;
  RETURN NULL;
END
$$;
