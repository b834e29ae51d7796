-- What was removed is deleted from the quarantine once it was there for long enough.
ALTER TABLE console.move DROP CONSTRAINT move_state_check;
ALTER TABLE console.move
  ADD COLUMN purged_at timestamptz,
  ADD CONSTRAINT move_has_a_state
    CHECK (state IN ('planned', 'done', 'given_up', 'missing', 'undone', 'purged')) NOT VALID,
  ADD CONSTRAINT move_purged_from_the_quarantine
    CHECK ((state = 'purged') = (purged_at IS NOT NULL) AND (state <> 'purged' OR action = 'quarantine')) NOT VALID;

COMMENT ON COLUMN console.move.purged_at IS 'When its file was deleted from the quarantine';
COMMENT ON COLUMN console.move.reason IS 'Why it was given up, or what a purge has found';
