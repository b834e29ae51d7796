-- The retention of rows of missing files needs to know since when they are missing.
ALTER TABLE console.file ADD COLUMN missing_at timestamptz;
COMMENT ON COLUMN console.file.missing_at IS 'When it became MISSING last; written by a trigger';

-- Counts from today for those that are missing already.
UPDATE console.file SET missing_at = now() WHERE status = 'MISSING';

CREATE FUNCTION console.note_file_missing() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.missing_at = now();
  RETURN NEW;
END
$$;

CREATE TRIGGER file_becomes_missing BEFORE UPDATE OF status ON console.file
  FOR EACH ROW WHEN (NEW.status = 'MISSING' AND OLD.status <> 'MISSING')
  EXECUTE FUNCTION console.note_file_missing();
