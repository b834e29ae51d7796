-- What was removed from the queue, so that it can come back: the row as it was, and where its file lies in the trash.
CREATE TABLE console.queue_removal (
  removal_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id     bigint NOT NULL,
  run_id      uuid,
  txid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
  item        jsonb NOT NULL CHECK (jsonb_typeof(item) = 'object'),
  trash       text CHECK (trash LIKE '/%'),
  entry       text,
  removed_at  timestamptz NOT NULL DEFAULT now(),
  restored_at timestamptz,
  CONSTRAINT queue_removal_entry_has_a_file CHECK ((trash IS NULL) = (entry IS NULL))
);

CREATE INDEX queue_removal_of_item ON console.queue_removal (item_id, removal_id DESC);
CREATE INDEX queue_removal_entry ON console.queue_removal (entry) WHERE entry IS NOT NULL;

COMMENT ON TABLE console.queue_removal IS 'Items that were removed from the queue one by one; kept as long as they can be brought back';
COMMENT ON COLUMN console.queue_removal.run_id IS 'The run that moved its file to the trash; null: the file stayed';
COMMENT ON COLUMN console.queue_removal.txid IS 'The transaction that removed the row';
COMMENT ON COLUMN console.queue_removal.item IS 'The row of console.queue_item';
COMMENT ON COLUMN console.queue_removal.trash IS 'Where the file lies in the trash; null: it stayed, or was gone';
COMMENT ON COLUMN console.queue_removal.entry IS 'The directory of the trash that the purge deletes as a whole';
COMMENT ON COLUMN console.queue_removal.restored_at IS 'When the row came back; its file follows by a run';
