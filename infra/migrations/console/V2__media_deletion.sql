-- Setting atp.media.deleted_at overwrites the rejection, and clearing it brings nothing back: what restoring needs to
-- know is remembered here, in the statement that deletes.
CREATE TABLE console.media_deletion (
  hash             char(40) NOT NULL,
  deleted_at       timestamptz NOT NULL,
  rejection_status text NOT NULL
    CHECK (rejection_status IN ('unfiltered', 'accepted', 'rejected', 'override')),
  rejection_reason text,
  actor            text NOT NULL,
  actor_verified   boolean NOT NULL DEFAULT false,
  PRIMARY KEY (hash, deleted_at)
);

COMMENT ON TABLE console.media_deletion IS
  'One row per soft delete of ours: the rejection of the media item before it; append-only by custom';
COMMENT ON COLUMN console.media_deletion.deleted_at IS
  'As in atp.media: a deletion by somebody else has another, and nothing is remembered of it';

-- What saying would_not_watch took away beside the label, for its undo.
CREATE TABLE console.media_removal (
  removal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id   bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  hash       char(40) NOT NULL,
  links      text[] NOT NULL,
  trashed    jsonb NOT NULL CHECK (jsonb_typeof(trashed) = 'array'),
  deleted    text[] NOT NULL
);

CREATE INDEX media_removal_of_event ON console.media_removal (event_id);

COMMENT ON TABLE console.media_removal IS 'Files and torrents that went with a would_not_watch; read by its undo';
COMMENT ON COLUMN console.media_removal.event_id IS 'The label event that it went with';
COMMENT ON COLUMN console.media_removal.hash IS 'The media item';
COMMENT ON COLUMN console.media_removal.links IS 'What brings its torrents back to Transmission';
COMMENT ON COLUMN console.media_removal.trashed IS 'Files in the trash: [{root, entry, path}]';
COMMENT ON COLUMN console.media_removal.deleted IS 'Files that are gone for good';
