-- How the watch of the inbox goes, as its workers say.
CREATE TABLE console.file_watch (
  root_id integer PRIMARY KEY REFERENCES console.file_root ON DELETE CASCADE,
  seen_at timestamptz NOT NULL DEFAULT now(),
  due_at  timestamptz,
  problem text
);

COMMENT ON COLUMN console.file_watch.due_at IS 'When a run starts unless something changes before; null: nothing has changed';
COMMENT ON COLUMN console.file_watch.problem IS 'Why changes are not seen, or not all of them';
