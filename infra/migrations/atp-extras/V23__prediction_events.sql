-- The function belongs to the owner of schema console and runs with the rights of that role; the owner of atp needs
-- USAGE on schema console to name it, and whoever writes to the table needs nothing.
-- Making a trigger waits for writers, and new writers wait behind it: rather fail soon and be run again.
SET LOCAL lock_timeout = '5s';

CREATE OR REPLACE TRIGGER console_prediction_insert
  AFTER INSERT ON atp.prediction
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('prediction.changed');

CREATE OR REPLACE TRIGGER console_prediction_update
  AFTER UPDATE ON atp.prediction
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('prediction.changed');

CREATE OR REPLACE TRIGGER console_prediction_delete
  AFTER DELETE ON atp.prediction
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('prediction.changed');

CREATE OR REPLACE TRIGGER console_prediction_truncate
  AFTER TRUNCATE ON atp.prediction
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('prediction.changed');
