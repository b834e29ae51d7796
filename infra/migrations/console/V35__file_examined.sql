-- When the metadata of a file were read, and its camera.
ALTER TABLE console.file ADD COLUMN camera text CHECK (camera <> ''), ADD COLUMN examined_at timestamptz;

COMMENT ON COLUMN console.file.captured_from IS 'The tag, name or mtime';
COMMENT ON COLUMN console.file.captured_raw IS 'As it is written there';
COMMENT ON COLUMN console.file.camera IS 'Of the file that names when its group was taken';
COMMENT ON COLUMN console.file.examined_at IS 'When its metadata were read. Null: not yet, or its content has changed since';
