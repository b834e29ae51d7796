-- A move may be a copy, or bring a file to the quarantine, and it may change the state of its file.
ALTER TABLE console.move
  ADD COLUMN action text NOT NULL DEFAULT 'move' CHECK (action IN ('move', 'copy', 'quarantine')),
  ADD COLUMN new_status text CHECK (new_status IN ('NEW', 'UNIQUE', 'BATCHED', 'SYNCED', 'SORTED', 'ARCHIVED')),
  ADD COLUMN new_batch_id bigint,
  ADD COLUMN original_status text CHECK (original_status = 'ARCHIVED'),
  ADD COLUMN old_status text,
  ADD COLUMN old_batch_id bigint,
  ADD COLUMN copy_id bigint REFERENCES console.file (id) ON DELETE SET NULL,
  ADD CONSTRAINT move_into_a_batch_has_one CHECK (new_status NOT IN ('BATCHED', 'SYNCED') OR new_batch_id IS NOT NULL),
  ADD CONSTRAINT move_copy_has_an_original CHECK (action = 'copy' OR original_status IS NULL AND copy_id IS NULL);

CREATE INDEX move_copy ON console.move (copy_id) WHERE copy_id IS NOT NULL;

COMMENT ON COLUMN console.move.action IS 'copy: the original stays; quarantine: the file is removed, and can be brought back until the purge';
COMMENT ON COLUMN console.move.new_status IS 'Of the file, or of its copy, at its new place; null: as before';
COMMENT ON COLUMN console.move.new_batch_id IS 'Written with new_status';
COMMENT ON COLUMN console.move.original_status IS 'Of the original of a copy; null: as before';
COMMENT ON COLUMN console.move.old_status IS 'Of the file when the move was planned';
COMMENT ON COLUMN console.move.old_batch_id IS 'Of the file when the move was planned';
COMMENT ON COLUMN console.move.copy_id IS 'The row of the copy, once it is done';
