-- Each job is looked up by its key. As a join, the views read all jobs for each run while the tables had no statistics.
CREATE OR REPLACE VIEW console.step_state AS
SELECT s.id, s.run_id,
  CASE
    WHEN s.outcome IS NOT NULL THEN s.outcome
    WHEN s.job_id IS NULL AND s.needs_approval AND s.approved_at IS NULL AND NOT EXISTS (
      SELECT FROM console.step d
      WHERE d.run_id = s.run_id AND d.ref = ANY (s.depends_on) AND d.outcome IS DISTINCT FROM 'completed'
    ) THEN 'held'
    WHEN s.job_id IS NULL THEN 'pending'
    WHEN j.state = 'active' AND j.heartbeat_on + make_interval(secs => j.heartbeat_seconds) < now() THEN 'lost'
    WHEN j.state = 'active' AND r.cancel_requested_at IS NOT NULL THEN 'stopping'
    WHEN j.state = 'active' THEN 'running'
    WHEN j.state = 'retry' OR (j.state = 'created' AND s.failures > 0) THEN 'retrying'
    WHEN j.state = 'created' THEN 'queued'
    ELSE 'lost'
  END AS state,
  CASE WHEN s.outcome IS NULL AND j.state < 'active' AND j.start_after > now() THEN j.start_after END AS next_attempt_at
FROM console.step s
JOIN console.run r ON r.id = s.run_id
LEFT JOIN LATERAL (
  SELECT state, start_after, heartbeat_on, heartbeat_seconds FROM console.job
  WHERE s.outcome IS NULL AND name = s.queue AND id = s.job_id
  LIMIT 1
) j ON true;
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
  LEFT JOIN LATERAL (
    SELECT id, start_after FROM console.job
    WHERE s.error IS NOT NULL AND s.outcome IS NULL AND name = s.queue AND id = s.job_id
      AND state < 'active' AND start_after > now()
    LIMIT 1
  ) j ON true
  WHERE i.is_active AND s.run_id = i.run_id
) w ON true;
