-- What must still happen outside of the database: a row is written with the change that needs it, before a disk or
-- Transmission is touched, and goes when both agree.
CREATE TABLE console.intent (
  intent_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  action       text NOT NULL
    CHECK (action IN ('remove_files', 'restore_files', 'remove_torrent', 'add_torrent', 'approve')),
  imdb_id      varchar(10),
  hash         char(40) NOT NULL,
  event_id     bigint,
  operation_id uuid,
  plan         jsonb NOT NULL CHECK (jsonb_typeof(plan) = 'object'),
  owner        integer NOT NULL,
  at           timestamptz NOT NULL DEFAULT now(),
  retry_at     timestamptz NOT NULL DEFAULT now() + interval '1 minute',
  done_at      timestamptz
);

CREATE INDEX intent_open ON console.intent (retry_at) WHERE done_at IS NULL;
CREATE INDEX intent_of_title ON console.intent (imdb_id) WHERE done_at IS NULL;
CREATE INDEX intent_of_event ON console.intent (event_id) WHERE done_at IS NULL;
CREATE INDEX intent_of_item ON console.intent (hash);

COMMENT ON TABLE console.intent IS 'What must still happen outside of the database; any process of the API does it';
COMMENT ON COLUMN console.intent.imdb_id IS 'The title whose label needs it';
COMMENT ON COLUMN console.intent.hash IS 'The media item whose files or torrent it is';
COMMENT ON COLUMN console.intent.event_id IS 'The label event that it belongs to; its undo withdraws the intent';
COMMENT ON COLUMN console.intent.operation_id IS 'The bulk operation that does it, as long as it runs';
COMMENT ON COLUMN console.intent.plan IS 'The files, torrents and links, by action';
COMMENT ON COLUMN console.intent.owner IS 'The process that does it: while it lives, it holds an advisory lock of this number';
COMMENT ON COLUMN console.intent.retry_at IS 'When another attempt begins; at once if the owner no longer lives';
COMMENT ON COLUMN console.intent.done_at IS 'Set where the row is kept: Transmission gave the torrent of an item a hash of its own';

-- Files of a title that was labelled elsewhere go to the trash without an event. The purge knows them by their row.
ALTER TABLE console.media_removal ALTER COLUMN event_id DROP NOT NULL;
COMMENT ON COLUMN console.media_removal.event_id IS 'The label event that it went with; null: there is none to undo';
