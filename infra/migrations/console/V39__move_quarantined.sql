-- Files in the quarantine, by when they were removed.
DROP INDEX CONCURRENTLY IF EXISTS console.move_quarantined;
CREATE INDEX CONCURRENTLY move_quarantined ON console.move (ended_at) WHERE action = 'quarantine' AND state = 'done';
