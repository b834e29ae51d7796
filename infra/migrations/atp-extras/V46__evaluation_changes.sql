-- Writes down what changes the totals of the evaluation, for the totals in schema console. Always: also in sessions of
-- replication and restore that switch ordinary triggers off.
-- Making a trigger waits for writers, and new writers wait behind it: rather fail soon and be run again.
SET LOCAL lock_timeout = '5s';

CREATE OR REPLACE TRIGGER console_training_evaluated_insert
  AFTER INSERT ON atp.training
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_evaluated();
ALTER TABLE atp.training ENABLE ALWAYS TRIGGER console_training_evaluated_insert;

CREATE OR REPLACE TRIGGER console_training_evaluated_update
  AFTER UPDATE ON atp.training
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_evaluated();
ALTER TABLE atp.training ENABLE ALWAYS TRIGGER console_training_evaluated_update;

CREATE OR REPLACE TRIGGER console_training_evaluated_delete
  AFTER DELETE ON atp.training
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_evaluated();
ALTER TABLE atp.training ENABLE ALWAYS TRIGGER console_training_evaluated_delete;

CREATE OR REPLACE TRIGGER console_prediction_evaluated_insert
  AFTER INSERT ON atp.prediction
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_evaluated();
ALTER TABLE atp.prediction ENABLE ALWAYS TRIGGER console_prediction_evaluated_insert;

CREATE OR REPLACE TRIGGER console_prediction_evaluated_update
  AFTER UPDATE ON atp.prediction
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_evaluated();
ALTER TABLE atp.prediction ENABLE ALWAYS TRIGGER console_prediction_evaluated_update;

CREATE OR REPLACE TRIGGER console_prediction_evaluated_delete
  AFTER DELETE ON atp.prediction
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_evaluated();
ALTER TABLE atp.prediction ENABLE ALWAYS TRIGGER console_prediction_evaluated_delete;
