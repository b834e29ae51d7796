-- A failure has a code, which programs go by. An item of the queue has that of its failed step.
ALTER TABLE console.queue_item ADD COLUMN error_code text;
COMMENT ON COLUMN console.queue_item.error_code IS 'Why the step failed, for programs; a word of the API';

-- The code of a failure that was stored without one, from the message that it had then. Failures of today bring their code.
CREATE FUNCTION console.code_of_failure(message text) RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN message ~ ' has no code\y' THEN 'code_missing'
    WHEN message ~ '^The provider does not know ' THEN 'code_unknown'
    WHEN message ~ '\yno metadata\y' THEN 'metadata_missing'
    WHEN message ~ '\yis not in the library\y' THEN 'not_in_library'
    WHEN message ~ '\yno longer in its place\y|\ydisappeared\y' THEN 'file_gone'
    WHEN message ~ '\yhas changed since\y|\ywas changed by\y' THEN 'file_changed'
    WHEN message ~ '\yother values than were written\y' THEN 'server_differs'
    WHEN message ~ '\yhas not found the file\y' THEN 'server_lacks_file'
    WHEN message ~ '\yin the trash: remove it again\y' THEN 'file_in_trash'
    WHEN message ~ '\yanother file by now\y|\yexists already\y' THEN 'place_taken'
    WHEN message ~ '\yrefuses the (token|key)\y' THEN 'refused'
    WHEN message ~ '\yCheck [A-Z]+_[A-Z_]+|\yis not configured\y' THEN 'unusable'
    WHEN message ~ '\yrefuses more\y' THEN 'limited'
    WHEN message ~ '^The disk of .* does not respond\y|\ymounted\y' THEN 'disk_unavailable'
    WHEN message ~ '\yNo space\y|\ydisk is full\y' THEN 'disk_full'
    WHEN message ~ '\yunreachable\y|\ynot respond\y|\yfault of its own\y' THEN 'unreachable'
    WHEN message ~ '\ydisk\y' THEN 'disk_refused'
    WHEN message ~ '^Cancelled by ' THEN 'cancelled'
    WHEN message IS NOT NULL THEN 'unexpected'
  END
$$;

UPDATE console.queue_item SET error_code = console.code_of_failure(error_message) WHERE failed_step IS NOT NULL;

-- The function of V21, with the code.
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
    SET failed_run_id = NULL, failed_step = NULL, error_message = NULL, error_code = NULL,
      error_fingerprint = NULL, retry_count = 0
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
      ELSE coalesce(s.error ->> 'message', 'It failed without a message.') END AS message,
    CASE WHEN s.outcome = 'cancelled' THEN 'cancelled'
      ELSE coalesce(s.error ->> 'code', console.code_of_failure(s.error ->> 'message')) END AS code
  INTO failed
  FROM console.step s
  WHERE s.run_id = NEW.id AND s.outcome NOT IN ('completed', 'skipped')
  ORDER BY s.position
  LIMIT 1;
  UPDATE console.queue_item i
  SET run_id = NEW.id, is_active = false, failed_run_id = NEW.id, failed_step = failed.step, error_message = failed.message,
    error_code = failed.code,
    error_fingerprint =
      console.failure_fingerprint(failed.step, failed.message, ARRAY[i.new_path, i.file_path, i.movie_code]),
    retry_count = failed.failures, updated_at = now()
  WHERE i.id = NEW.subject_id::bigint;
  RETURN NULL;
END
$$;

-- The view of V24, with the code.
CREATE OR REPLACE VIEW console.queue_item_state AS
SELECT i.id, i.file_path, i.movie_code, i.actress, i.subtitle,
  CASE
    WHEN w.failed_step IS NOT NULL THEN 'error'
    WHEN i.is_active AND i.new_path IS NULL THEN CASE WHEN w.has_begun THEN 'processing' ELSE 'pending' END
    WHEN i.is_active THEN CASE WHEN w.is_publishing THEN 'emby_pending' ELSE 'moved' END
    WHEN i.failed_step IS NOT NULL THEN 'error'
    WHEN i.published_at IS NOT NULL THEN 'completed'
    WHEN i.new_path IS NOT NULL THEN 'moved'
    ELSE 'pending'
  END AS status,
  coalesce(w.error_message, i.error_message) AS error_message,
  coalesce(w.failed_step, i.failed_step) AS failed_step,
  CASE WHEN w.failed_step IS NULL THEN i.error_fingerprint
    ELSE console.failure_fingerprint(w.failed_step, w.error_message, ARRAY[i.new_path, i.file_path, i.movie_code])
  END AS error_fingerprint,
  i.new_path, i.emby_item_id, i.metadata_json,
  coalesce(w.retry_count, i.retry_count) AS retry_count,
  w.next_retry_at,
  CASE
    WHEN i.is_active OR i.published_at IS NOT NULL THEN NULL
    WHEN i.movie_code IS NULL THEN 'extract'
    WHEN i.metadata_json IS NULL THEN 'metadata'
    WHEN i.new_path IS NULL THEN 'move'
    ELSE 'publish'
  END AS next_step,
  i.code_given_by, i.published_at, i.run_id, i.is_active, i.failed_run_id, i.created_at, i.updated_at,
  CASE WHEN w.failed_step IS NULL THEN i.error_code ELSE coalesce(w.error_code, console.code_of_failure(w.error_message)) END AS error_code
FROM console.queue_item i
LEFT JOIN LATERAL (
  SELECT bool_or(s.started_at IS NOT NULL) AS has_begun,
    bool_or(s.ref = 'publish' AND s.started_at IS NOT NULL) AS is_publishing,
    max(s.failures) FILTER (WHERE s.outcome IS NULL) AS retry_count,
    max(s.ref) FILTER (WHERE j.id IS NOT NULL) AS failed_step,
    max(s.error ->> 'message') FILTER (WHERE j.id IS NOT NULL) AS error_message,
    max(s.error ->> 'code') FILTER (WHERE j.id IS NOT NULL) AS error_code,
    max(j.start_after) AS next_retry_at
  FROM console.step s
  -- One that could not be done and waits for its next attempt.
  LEFT JOIN LATERAL (
    SELECT id, start_after FROM console.job
    WHERE s.error IS NOT NULL AND s.outcome IS NULL AND name = s.queue AND id = s.job_id
      AND state < 'active' AND start_after > now()
    LIMIT 1
  ) j ON true
  WHERE i.is_active AND s.run_id = i.run_id
) w ON true;
