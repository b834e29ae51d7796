-- Files whose metadata are to be read.
DROP INDEX CONCURRENTLY IF EXISTS console.file_unexamined;
CREATE INDEX CONCURRENTLY file_unexamined ON console.file (id) WHERE examined_at IS NULL AND status = 'UNIQUE';
