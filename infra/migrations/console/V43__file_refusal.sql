-- A file whose name cannot be sent is ready for no batch: counts and lists say so without reading its name again.
ALTER TABLE console.file ADD COLUMN batch_refusal text
  CONSTRAINT file_batch_refusal_is_known CHECK (batch_refusal IN ('not_utf8', 'name_too_long', 'never_synced'));
COMMENT ON COLUMN console.file.batch_refusal IS 'Why it can be in no batch, by its path, since it was found UNIQUE; null: it can';

-- Files of earlier scans. Longer names are found when they change.
DO $$
DECLARE
  found record;
BEGIN
  FOR found IN
    SELECT f.id, f.name, d.name AS directory FROM console.file f JOIN console.file_directory d ON d.id = f.directory_id
    WHERE f.status = 'UNIQUE' AND encode(d.name || f.name, 'escape') ~ '\\[23]'
  LOOP
    BEGIN
      PERFORM convert_from(found.directory, 'UTF8'), convert_from(found.name, 'UTF8');
    EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
      UPDATE console.file SET batch_refusal = 'not_utf8' WHERE id = found.id;
    END;
  END LOOP;
END
$$;
