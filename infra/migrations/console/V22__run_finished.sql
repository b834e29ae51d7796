-- Runs by the time of their end.
DROP INDEX CONCURRENTLY IF EXISTS console.run_finished;
CREATE INDEX CONCURRENTLY run_finished ON console.run (finished_at DESC, id DESC) WHERE finished_at IS NOT NULL;
