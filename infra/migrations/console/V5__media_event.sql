-- Who did what to a media item, as console.label_event says it of a title.
CREATE TABLE console.media_event (
  event_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash           char(40) NOT NULL,
  at             timestamptz NOT NULL DEFAULT now(),
  actor          text NOT NULL,
  actor_verified boolean NOT NULL DEFAULT false,
  action         text NOT NULL
    CHECK (action IN ('pipeline', 'reingest', 'approve', 'finish', 'delete', 'restore', 'undo')),
  before         jsonb NOT NULL
    CONSTRAINT media_event_before_holds_the_state CHECK (
      before ?& ARRAY['pipeline_status', 'error_status', 'error_condition', 'rejection_status', 'rejection_reason', 'deleted_at']
    ),
  after          jsonb NOT NULL
    CONSTRAINT media_event_after_holds_the_state CHECK (
      after ?& ARRAY['pipeline_status', 'error_status', 'error_condition', 'rejection_status', 'rejection_reason', 'deleted_at']
    ),
  txid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT media_event_changes_something CHECK (before <> after)
);

CREATE INDEX media_event_of_item ON console.media_event (hash, event_id DESC);
-- Who made a change to an item is known to the media event of the same transaction.
CREATE INDEX media_event_txid ON console.media_event (txid);

CREATE TRIGGER media_event_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON console.media_event
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.refuse_rewrite();

COMMENT ON TABLE console.media_event IS
  'One row per write of ours that changed the state of a media item; append-only';
COMMENT ON COLUMN console.media_event.actor_verified IS
  'true: actor is the name of an API key; false: what the caller said of itself';
COMMENT ON COLUMN console.media_event.before IS
  'pipeline_status, error_status, error_condition, rejection_status, rejection_reason and deleted_at as they were';
COMMENT ON COLUMN console.media_event.after IS
  'The same as they became, by the write and by the rules that atp.media has of its own';
COMMENT ON COLUMN console.media_event.txid IS 'The writing transaction, by which console.event finds who it was';
