-- Runs: what is done in the background. The queue is pg-boss's (V14); the history is here. While an attempt of a step is not
-- finished, its job is the truth, and from then on these rows are: nothing of a job is copied. See infra/adr/0021-runs.md.
CREATE TABLE console.run (
  id                    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  task                  text NOT NULL CHECK (task ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'),
  params                jsonb NOT NULL CHECK (jsonb_typeof(params) = 'object'),
  subject_type          text,
  subject_id            text,
  trigger               text NOT NULL CHECK (trigger IN ('manual', 'cron', 'webhook', 'event')),
  requested_by          text,
  requested_by_verified boolean NOT NULL DEFAULT false,
  schedule              text,
  slot                  timestamptz,
  priority              smallint NOT NULL DEFAULT 0,
  exclusive             boolean NOT NULL DEFAULT false,
  cancel_requested_at   timestamptz,
  cancel_requested_by   text,
  outcome               text CHECK (outcome IN ('completed', 'failed', 'cancelled', 'timeout')),
  created_at            timestamptz NOT NULL DEFAULT now(),
  finished_at           timestamptz,
  CONSTRAINT run_subject_has_a_type CHECK ((subject_type IS NULL) = (subject_id IS NULL)),
  CONSTRAINT run_has_a_starter CHECK ((trigger = 'cron') = (schedule IS NOT NULL) AND (schedule IS NULL) = (slot IS NULL)),
  CONSTRAINT run_ends_with_an_outcome CHECK ((outcome IS NULL) = (finished_at IS NULL))
);

-- A second start of an exclusive task finds the unfinished run by this index.
CREATE UNIQUE INDEX run_exclusive ON console.run (task, subject_type, subject_id) NULLS NOT DISTINCT
  WHERE exclusive AND finished_at IS NULL;
CREATE UNIQUE INDEX run_of_slot ON console.run (schedule, slot) WHERE schedule IS NOT NULL;
CREATE INDEX run_latest ON console.run (created_at DESC, id DESC);
CREATE INDEX run_unfinished ON console.run (created_at) WHERE finished_at IS NULL;
CREATE INDEX run_of_subject ON console.run (subject_type, subject_id, created_at DESC) WHERE subject_id IS NOT NULL;

CREATE TABLE console.step (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  run_id      uuid NOT NULL REFERENCES console.run (id) ON DELETE CASCADE,
  task        text NOT NULL CHECK (task ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'),
  params      jsonb NOT NULL CHECK (jsonb_typeof(params) = 'object'),
  queue       text NOT NULL,
  job_id      uuid,
  failures    smallint NOT NULL DEFAULT 0,
  progress    jsonb CHECK (jsonb_typeof(progress) = 'object'),
  outcome     text CHECK (outcome IN ('completed', 'skipped', 'failed', 'cancelled', 'timeout')),
  output      jsonb,
  error       jsonb CHECK (jsonb_typeof(error) = 'object'),
  created_at  timestamptz NOT NULL DEFAULT now(),
  started_at  timestamptz,
  finished_at timestamptz,
  CONSTRAINT step_ends_with_an_outcome CHECK ((outcome IS NULL) = (finished_at IS NULL))
);

CREATE INDEX step_of_run ON console.step (run_id);
CREATE INDEX step_unfinished ON console.step (created_at) WHERE finished_at IS NULL;

CREATE TABLE console.step_attempt (
  job_id      uuid NOT NULL,
  retry_count integer NOT NULL,
  step_id     uuid NOT NULL REFERENCES console.step (id) ON DELETE CASCADE,
  worker_id   uuid NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  outcome     text CHECK (outcome IN ('completed', 'failed', 'cancelled', 'timeout', 'returned', 'lost')),
  error       jsonb CHECK (jsonb_typeof(error) = 'object'),
  finished_at timestamptz,
  PRIMARY KEY (job_id, retry_count),
  CONSTRAINT step_attempt_ends_with_an_outcome CHECK ((outcome IS NULL) = (finished_at IS NULL))
);

CREATE INDEX step_attempt_of_step ON console.step_attempt (step_id, started_at);

CREATE TABLE console.worker (
  id         uuid PRIMARY KEY,
  host       text NOT NULL,
  pid        integer NOT NULL,
  version    text NOT NULL,
  tasks      text[] NOT NULL,
  queues     text[] NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  seen_at    timestamptz NOT NULL DEFAULT now(),
  stopped_at timestamptz
);

CREATE INDEX worker_latest ON console.worker (seen_at DESC);

-- Not called schedule, which is a table of pg-boss.
CREATE TABLE console.run_schedule (
  name         text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_.-]{0,99}$'),
  task         text NOT NULL CHECK (task ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'),
  params       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(params) = 'object'),
  cron         text NOT NULL,
  time_zone    text NOT NULL DEFAULT 'UTC',
  next_fire_at timestamptz,
  problem      text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT run_schedule_with_a_problem_rests CHECK (problem IS NULL OR next_fire_at IS NULL)
);

-- A row is written once, by the worker that numbered it: repeated after a broken connection, it is found by its key.
CREATE TABLE console.run_log (
  job_id      uuid NOT NULL,
  retry_count integer NOT NULL,
  seq         integer NOT NULL,
  at          timestamptz NOT NULL,
  level       text NOT NULL CHECK (level IN ('debug', 'info', 'warn', 'error')),
  message     text NOT NULL,
  fields      jsonb CHECK (jsonb_typeof(fields) = 'object'),
  PRIMARY KEY (job_id, retry_count, seq, at)
) PARTITION BY RANGE (at);

CREATE INDEX run_log_latest ON console.run_log (at DESC);

-- Lines of days that have no partition of their own.
CREATE TABLE console.run_log_other PARTITION OF console.run_log DEFAULT;

-- Gives each day from today to the day after tomorrow its partition and deletes lines that are older than fourteen days.
CREATE FUNCTION console.keep_run_log() RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET lock_timeout = '1s'
  SET TimeZone = 'UTC'
AS $$
DECLARE
  today CONSTANT date := now()::date;
  day   date;
  old   text;
BEGIN
  -- One at a time: of two workers that start together, the second finds the partitions of the first.
  LOCK TABLE console.run_log IN SHARE UPDATE EXCLUSIVE MODE;
  FOR day IN SELECT generate_series(today, today + 2, interval '1 day')::date LOOP
    CONTINUE WHEN to_regclass('console.run_log_' || to_char(day, 'YYYYMMDD')) IS NOT NULL;
    -- PostgreSQL refuses a partition for lines that are in the default one: they stay there.
    CONTINUE WHEN EXISTS (SELECT FROM console.run_log_other WHERE at >= day AND at < day + 1);
    EXECUTE format('CREATE TABLE console.%I PARTITION OF console.run_log FOR VALUES FROM (%L) TO (%L)',
      'run_log_' || to_char(day, 'YYYYMMDD'), day::timestamptz, (day + 1)::timestamptz);
  END LOOP;
  FOR old IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'console.run_log'::regclass AND c.relname ~ '^run_log_[0-9]{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < today - 14
  LOOP
    EXECUTE format('DROP TABLE console.%I', old);
  END LOOP;
  DELETE FROM console.run_log_other WHERE at < today - 14;
END
$$;

-- The only place that says which state a step and a run are in. packages/runs/src/states.ts names them.
CREATE VIEW console.step_state AS
SELECT s.id, s.run_id,
  CASE
    WHEN s.outcome IS NOT NULL THEN s.outcome
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

CREATE VIEW console.run_state AS
SELECT r.id,
  coalesce(r.outcome, (
    SELECT s.state FROM console.step_state s
    WHERE s.run_id = r.id
    ORDER BY array_position(ARRAY['stopping', 'running', 'lost', 'retrying', 'queued'], s.state) NULLS LAST LIMIT 1
  ), 'pending') AS state
FROM console.run r;

COMMENT ON TABLE console.run IS 'One execution of a task that a person, a schedule or an event started';
COMMENT ON COLUMN console.run.subject_id IS 'What it works on; null: nothing in particular';
COMMENT ON COLUMN console.run.requested_by IS 'The actor; null: a schedule';
COMMENT ON COLUMN console.run.requested_by_verified IS
  'true: requested_by is the name of an API key; false: the name that the caller sent';
COMMENT ON COLUMN console.run.slot IS 'The time of the schedule that it was started for: one run for each';
COMMENT ON COLUMN console.run.priority IS 'Steps of runs with a higher one are started first';
COMMENT ON COLUMN console.run.exclusive IS 'While it is unfinished, no other run of the task for this subject may start';
COMMENT ON COLUMN console.run.finished_at IS 'Null again after a retry';
COMMENT ON TABLE console.step IS 'A part of a run that one worker does at a time';
COMMENT ON COLUMN console.step.job_id IS 'The present job, or the last one; null: not sent yet';
COMMENT ON COLUMN console.step.failures IS
  'Attempts that failed since the start, or since a person asked for a retry; attempts of lost workers do not count';
COMMENT ON COLUMN console.step.progress IS 'done, total, unit and message';
COMMENT ON COLUMN console.step.error IS 'type, message and stack of the last failure; null after an attempt that completed';
COMMENT ON TABLE console.step_attempt IS 'A worker''s attempt at a step: one claim of one job';
COMMENT ON COLUMN console.step_attempt.retry_count IS 'How many workers lost the job before';
COMMENT ON COLUMN console.step_attempt.outcome IS
  'returned: the worker could not do it or was asked to stop, so another one does it; lost: another worker took over';
COMMENT ON TABLE console.worker IS 'One row per process that works on steps';
COMMENT ON COLUMN console.worker.tasks IS 'What it knows and is configured for';
COMMENT ON COLUMN console.run_schedule.next_fire_at IS 'Null: never';
COMMENT ON COLUMN console.run_schedule.problem IS 'Why its times cannot be computed';
COMMENT ON COLUMN console.run_log.seq IS 'Counts the lines of an attempt from 0; a missing number is a lost line';
