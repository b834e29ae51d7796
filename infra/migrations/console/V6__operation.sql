-- A change of many titles or media items: previewed, run in batches, and taken back by another one. All that a process
-- knows of it stands here, so that another can go on where it ended.
CREATE TABLE console.operation (
  operation_id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  subject         text NOT NULL CHECK (subject IN ('media', 'training')),
  action          text NOT NULL
    CHECK (action IN ('reingest', 'approve', 'finish', 'delete', 'restore', 'pipeline', 'would_watch', 'would_not_watch', 'update')),
  change          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(change) = 'object'),
  filter          jsonb CHECK (jsonb_typeof(filter) = 'object'),
  state           text NOT NULL DEFAULT 'previewed'
    CHECK (state IN ('previewed', 'running', 'cancelling', 'done', 'cancelled')),
  total           integer NOT NULL DEFAULT 0,
  done            integer NOT NULL DEFAULT 0,
  unchanged       integer NOT NULL DEFAULT 0,
  conflict        integer NOT NULL DEFAULT 0,
  failed          integer NOT NULL DEFAULT 0,
  actor           text NOT NULL,
  actor_verified  boolean NOT NULL DEFAULT false,
  run_by          text,
  run_by_verified boolean NOT NULL DEFAULT false,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL DEFAULT now() + interval '1 day',
  started_at      timestamptz,
  finished_at     timestamptz,
  inverse_of      uuid REFERENCES console.operation (operation_id),
  idempotency_key text,
  request_digest  text NOT NULL,
  CONSTRAINT operation_idempotency UNIQUE (actor, idempotency_key),
  CONSTRAINT operation_items_add_up CHECK (done + unchanged + conflict + failed <= total)
);

CREATE INDEX operation_latest ON console.operation (created_at DESC, operation_id DESC);
CREATE INDEX operation_unfinished ON console.operation (started_at) WHERE state IN ('running', 'cancelling');
CREATE INDEX operation_inverse ON console.operation (inverse_of);

CREATE TABLE console.operation_item (
  operation_id uuid NOT NULL REFERENCES console.operation (operation_id) ON DELETE CASCADE,
  position     integer NOT NULL,
  key          text NOT NULL,
  title        text,
  version      timestamptz,
  source       integer,
  result       text NOT NULL DEFAULT 'pending'
    CHECK (result IN ('pending', 'done', 'unchanged', 'conflict', 'failed')),
  problem      text,
  before       jsonb,
  after        jsonb,
  written      timestamptz,
  event_id     bigint,
  owed         boolean NOT NULL DEFAULT false,
  outside      jsonb,
  PRIMARY KEY (operation_id, position)
  -- Each row is written once more, and larger: it finds room where it is.
) WITH (fillfactor = 50);

CREATE INDEX operation_item_owed ON console.operation_item (operation_id, position) WHERE owed;

ALTER TABLE console.label_event ADD COLUMN operation_id uuid;
ALTER TABLE console.media_event ADD COLUMN operation_id uuid;

COMMENT ON TABLE console.operation IS 'A change of many titles or media items, and how far it is';
COMMENT ON COLUMN console.operation.change IS 'What the actions pipeline and update set';
COMMENT ON COLUMN console.operation.filter IS 'What chose the items; null: they were named';
COMMENT ON COLUMN console.operation.actor IS 'Who asked for it; its idempotency keys are theirs alone';
COMMENT ON COLUMN console.operation.run_by IS 'Who ran it, and so made its changes';
COMMENT ON COLUMN console.operation.inverse_of IS 'The operation that this one takes back';
COMMENT ON COLUMN console.operation.request_digest IS 'What was asked: sent again under the same key it must be the same';
COMMENT ON TABLE console.operation_item IS 'What an operation is to change, as it stood at the preview, and what became of it';
COMMENT ON COLUMN console.operation_item.key IS 'The IMDb id or the hash';
COMMENT ON COLUMN console.operation_item.version IS
  'updated_at at the preview: an item that has another when its turn comes was changed by somebody, and is left alone';
COMMENT ON COLUMN console.operation_item.source IS 'In an inverse: the position of the item in the operation taken back';
COMMENT ON COLUMN console.operation_item.problem IS 'Why it was not done, or what beside the change could not be done';
COMMENT ON COLUMN console.operation_item.written IS 'updated_at as the operation left it';
COMMENT ON COLUMN console.operation_item.event_id IS 'The label event, or the media event, of the change';
COMMENT ON COLUMN console.operation_item.owed IS 'The change is made; what follows from it outside the database is still to be done';
COMMENT ON COLUMN console.operation_item.outside IS 'What was done outside the database, for the inverse';
COMMENT ON COLUMN console.label_event.operation_id IS 'The operation that it was part of';
COMMENT ON COLUMN console.media_event.operation_id IS 'The operation that it was part of';
