-- Without statistics the planner does not know that all jobs of a queue have its name, and that many may have the same state: it
-- looks for one by its id among all of these. Statistics outlive their rows, but an empty table gets none, and autovacuum comes
-- after the first thousand jobs.
DO $$
DECLARE
  part record;
  has_jobs boolean;
BEGIN
  FOR part IN SELECT name, format('console.%I', table_name) AS jobs FROM console.queue WHERE partition LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', part.jobs) INTO has_jobs;
    IF NOT has_jobs THEN
      EXECUTE format(
        $sql$INSERT INTO %s (name, state, keep_until) SELECT %L, (ARRAY['created', 'active', 'completed'])[1 + n %% 3]::console.job_state, now()
        FROM generate_series(1, 300) n$sql$, part.jobs, part.name);
    END IF;
    EXECUTE format('ANALYZE %s', part.jobs);
    EXECUTE format('DELETE FROM %s WHERE data IS NULL AND keep_until = now()', part.jobs);
  END LOOP;
END
$$;
