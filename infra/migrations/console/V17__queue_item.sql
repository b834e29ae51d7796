-- The processing queue: one row per video file. Steps of runs (V15) write facts here, and nobody writes a status: the view
-- derives it. See infra/adr/0024-processing-queue.md.
CREATE TABLE console.queue_item (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  file_path         text NOT NULL UNIQUE CHECK (file_path LIKE '/%'),
  file              jsonb NOT NULL CHECK (jsonb_typeof(file) = 'object'),
  movie_code        text,
  code_given_by     text,
  actress           text,
  subtitle          text,
  metadata_json     jsonb CHECK (jsonb_typeof(metadata_json) = 'object'),
  new_path          text UNIQUE CHECK (new_path LIKE '/%'),
  move              jsonb CHECK (jsonb_typeof(move) = 'object'),
  emby_item_id      text,
  looks             smallint NOT NULL DEFAULT 0,
  published_at      timestamptz,
  run_id            uuid,
  is_active         boolean NOT NULL DEFAULT false,
  failed_run_id     uuid,
  failed_step       text,
  error_message     text,
  error_fingerprint text,
  retry_count       smallint NOT NULL DEFAULT 0,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT queue_item_fails_with_a_message
    CHECK ((failed_step IS NULL) = (error_message IS NULL) AND (failed_step IS NULL) = (failed_run_id IS NULL)),
  CONSTRAINT queue_item_active_has_a_run CHECK (run_id IS NOT NULL OR NOT is_active),
  CONSTRAINT queue_item_published_is_in_the_library CHECK (published_at IS NULL OR new_path IS NOT NULL)
);

CREATE INDEX queue_item_latest ON console.queue_item (created_at DESC, id DESC);
CREATE INDEX queue_item_active ON console.queue_item (run_id) WHERE is_active;
CREATE INDEX queue_item_failed ON console.queue_item (error_fingerprint) WHERE failed_step IS NOT NULL;

-- The same for failures of a step whose messages differ in names, codes and numbers alone. `names`: paths of the item.
CREATE FUNCTION console.failure_fingerprint(step text, message text, names text[]) RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  plain text := message;
  name  text;
BEGIN
  FOREACH name IN ARRAY names LOOP
    CONTINUE WHEN coalesce(name, '') = '';
    plain := replace(replace(plain, name, '#'), regexp_replace(name, '^.*/', ''), '#');
  END LOOP;
  plain := regexp_replace(plain, '/[^[:space:]"]+', '#', 'g');
  plain := regexp_replace(plain, '\y[A-Za-z]{2,6}-?[0-9]{1,5}\y', '#', 'g');
  plain := regexp_replace(plain, '[0-9]+', '#', 'g');
  RETURN left(md5(step || ':' || plain), 12);
END
$$;

-- Files in the watch folder whose rows a person has deleted: the watcher leaves them until they change.
CREATE TABLE console.queue_ignored (
  file_path  text PRIMARY KEY,
  file       jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Runs end in several ways and several processes: completed by a worker, cancelled by the API, given up by a sweep, continued
-- by a retry. This keeps their items in step, in the same transaction. A failure stays until its step has completed.
CREATE FUNCTION console.note_item_run() RETURNS trigger
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
      AND EXISTS (SELECT FROM console.step s WHERE s.run_id = NEW.id AND s.ref = i.failed_step);
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

CREATE TRIGGER run_of_queue_item
  AFTER INSERT OR UPDATE OF outcome, finished_at ON console.run
  FOR EACH ROW WHEN (NEW.subject_type = 'queue_item')
  EXECUTE FUNCTION console.note_item_run();

-- An event for each statement that changed items, by any client of the database.
CREATE FUNCTION console.note_item_change() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM changed) THEN
    INSERT INTO console.event (type, imdb_ids, hashes, payload)
    VALUES ('queue.changed', '{}', '{}', jsonb_build_object('operation', lower(TG_OP)));
    PERFORM pg_notify('console_event', '');
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER queue_item_inserted AFTER INSERT ON console.queue_item
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION console.note_item_change();
CREATE TRIGGER queue_item_updated AFTER UPDATE ON console.queue_item
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION console.note_item_change();
CREATE TRIGGER queue_item_deleted AFTER DELETE ON console.queue_item
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION console.note_item_change();

-- The only place that says which status an item has. Only items with an unfinished run need a look at its steps.
CREATE VIEW console.queue_item_state AS
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
  i.code_given_by, i.published_at, i.run_id, i.is_active, i.failed_run_id, i.created_at, i.updated_at
FROM console.queue_item i
LEFT JOIN LATERAL (
  SELECT bool_or(s.started_at IS NOT NULL) AS has_begun,
    bool_or(s.ref = 'publish' AND s.started_at IS NOT NULL) AS is_publishing,
    max(s.failures) FILTER (WHERE s.outcome IS NULL) AS retry_count,
    max(s.ref) FILTER (WHERE j.id IS NOT NULL) AS failed_step,
    max(s.error ->> 'message') FILTER (WHERE j.id IS NOT NULL) AS error_message,
    max(j.start_after) AS next_retry_at
  FROM console.step s
  -- One that could not be done and waits for its next attempt.
  LEFT JOIN console.job j ON s.error IS NOT NULL AND s.outcome IS NULL AND j.name = s.queue AND j.id = s.job_id
    AND j.state < 'active' AND j.start_after > now()
  WHERE s.run_id = i.run_id
) w ON i.is_active;

COMMENT ON TABLE console.queue_item IS 'A video file on its way into the library; its runs have the subject queue_item and its id';
COMMENT ON COLUMN console.queue_item.file_path IS 'Where the file is, or was before it was moved into the library';
COMMENT ON COLUMN console.queue_item.file IS 'size, mtimeNs and inode of the file that was found there: another one makes the item new';
COMMENT ON COLUMN console.queue_item.move IS 'Plan and progress of a move that may be in progress';
COMMENT ON COLUMN console.queue_item.new_path IS 'Where the file is in the library';
COMMENT ON COLUMN console.queue_item.published_at IS 'When the media server confirmed the present facts; null: it has not';
COMMENT ON COLUMN console.queue_item.code_given_by IS 'Who set the code by hand: it is not extracted from the name again';
COMMENT ON COLUMN console.queue_item.looks IS 'How often the media server was asked for the item since the last scan began';
COMMENT ON COLUMN console.queue_item.run_id IS 'The run that was started or continued last; runs are deleted by age';
COMMENT ON COLUMN console.queue_item.is_active IS 'Whether that run is unfinished; kept by a trigger on console.run, like what failed';
COMMENT ON COLUMN console.queue_item.retry_count IS 'Attempts that were repeated before the run failed';
