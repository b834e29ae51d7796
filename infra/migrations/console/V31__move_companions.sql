-- The companions of a move, which an undo takes back with it.
DROP INDEX CONCURRENTLY IF EXISTS console.move_companions;
CREATE INDEX CONCURRENTLY move_companions ON console.move (companions);
