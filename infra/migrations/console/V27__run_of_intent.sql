-- What was left to do outside of the database is done by a run. See infra/adr/0017-intents.md.
ALTER TABLE console.intent ADD COLUMN run_id uuid REFERENCES console.run (id) ON DELETE SET NULL;

CREATE INDEX intent_of_run ON console.intent (run_id) WHERE run_id IS NOT NULL;

COMMENT ON TABLE console.intent IS
  'What must still happen outside of the database; the process that wrote it does it, and otherwise a run';
COMMENT ON COLUMN console.intent.run_id IS 'The run that does it; null: none was needed so far';
COMMENT ON COLUMN console.intent.owner IS 'The process that wrote it: while it lives, it holds an advisory lock of this number';
COMMENT ON COLUMN console.intent.retry_at IS 'When another attempt begins; a run begins before, if the owner no longer lives';
