-- A step that waits for a person does so since its run was continued.
ALTER TABLE console.run ADD COLUMN reopened_at timestamptz;
COMMENT ON COLUMN console.run.reopened_at IS 'When it was last continued after its end';
