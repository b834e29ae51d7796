-- The function belongs to the owner of schema console and runs with the rights of that role; the owner of atp needs
-- USAGE on schema console to name it, and whoever writes to the table needs nothing.
-- Making a trigger waits for writers, and new writers wait behind it: rather fail soon and be run again.
SET LOCAL lock_timeout = '5s';

CREATE OR REPLACE TRIGGER console_training_insert
  AFTER INSERT ON atp.training
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('title.changed');

CREATE OR REPLACE TRIGGER console_training_update
  AFTER UPDATE ON atp.training
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('title.changed');

CREATE OR REPLACE TRIGGER console_training_delete
  AFTER DELETE ON atp.training
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('title.changed');

CREATE OR REPLACE TRIGGER console_training_truncate
  AFTER TRUNCATE ON atp.training
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('title.changed');
