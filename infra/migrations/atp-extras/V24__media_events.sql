-- The function belongs to the owner of schema console and runs with the rights of that role; the owner of atp needs
-- USAGE on schema console to name it, and whoever writes to the table needs nothing.
-- Making a trigger waits for writers, and new writers wait behind it: rather fail soon and be run again.
SET LOCAL lock_timeout = '5s';

CREATE OR REPLACE TRIGGER console_media_insert
  AFTER INSERT ON atp.media
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('media.changed');

CREATE OR REPLACE TRIGGER console_media_update
  AFTER UPDATE ON atp.media
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('media.changed');

CREATE OR REPLACE TRIGGER console_media_delete
  AFTER DELETE ON atp.media
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('media.changed');

CREATE OR REPLACE TRIGGER console_media_truncate
  AFTER TRUNCATE ON atp.media
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('media.changed');
