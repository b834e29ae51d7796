-- Home asks often for files that vanished while they were moved, of which there are hardly any.
CREATE INDEX move_missing ON console.move (ended_at) WHERE state = 'missing';
