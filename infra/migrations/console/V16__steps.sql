-- Several steps in a run: one begins when those that it depends on have completed and, where that is needed, a person has
-- approved it. See infra/adr/0021-runs.md.
ALTER TABLE console.step
  ADD COLUMN ref            text CHECK (ref ~ '^[a-z][a-z0-9_]{0,99}$'),
  ADD COLUMN position       smallint NOT NULL DEFAULT 0,
  ADD COLUMN depends_on     text[] NOT NULL DEFAULT '{}',
  ADD COLUMN needs_approval boolean NOT NULL DEFAULT false,
  ADD COLUMN approved_at    timestamptz,
  ADD COLUMN approved_by    text,
  ADD CONSTRAINT step_without_a_name_is_alone CHECK (ref IS NOT NULL OR (depends_on = '{}' AND NOT needs_approval)),
  ADD CONSTRAINT step_is_approved_by_an_actor CHECK ((approved_at IS NULL) = (approved_by IS NULL));

CREATE UNIQUE INDEX step_of_ref ON console.step (run_id, ref) WHERE ref IS NOT NULL;

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
LEFT JOIN console.job j ON s.outcome IS NULL AND j.name = s.queue AND j.id = s.job_id;

-- Steps that have ended come last: they do not say what an unfinished run does.
CREATE OR REPLACE VIEW console.run_state AS
SELECT r.id,
  coalesce(r.outcome, (
    SELECT s.state FROM console.step_state s
    WHERE s.run_id = r.id
    ORDER BY array_position(ARRAY['stopping', 'running', 'lost', 'retrying', 'queued', 'held', 'pending'], s.state) NULLS LAST
    LIMIT 1
  ), 'pending') AS state
FROM console.run r;

COMMENT ON COLUMN console.step.ref IS 'Its name among the steps of its run; null: it is the only one';
COMMENT ON COLUMN console.step.position IS 'Its place in the order in which the steps were named';
COMMENT ON COLUMN console.step.depends_on IS 'The names of the steps that must have completed before';
COMMENT ON COLUMN console.step.needs_approval IS 'It waits for a person when its turn has come';
