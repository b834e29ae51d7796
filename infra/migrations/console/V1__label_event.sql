-- The schema itself is made by whoever runs this set, or beforehand for a role that may not create schemas.
CREATE TABLE console.label_event (
  event_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  imdb_id        varchar(10) NOT NULL,
  at             timestamptz NOT NULL DEFAULT now(),
  actor          text NOT NULL,
  actor_verified boolean NOT NULL DEFAULT false,
  action         text NOT NULL
    CHECK (action IN ('label', 'reviewed', 'update', 'would_watch', 'would_not_watch', 'undo')),
  before         jsonb NOT NULL
    CONSTRAINT label_event_before_holds_the_flags CHECK (
      before ?& ARRAY['label', 'human_labeled', 'anomalous', 'reviewed']
      AND before - ARRAY['label', 'human_labeled', 'anomalous', 'reviewed'] = '{}'
    ),
  after          jsonb NOT NULL
    CONSTRAINT label_event_after_holds_the_flags CHECK (
      after ?& ARRAY['label', 'human_labeled', 'anomalous', 'reviewed']
      AND after - ARRAY['label', 'human_labeled', 'anomalous', 'reviewed'] = '{}'
    ),
  decision_ms    integer CHECK (decision_ms >= 0),
  shown          jsonb,
  undoes         bigint UNIQUE REFERENCES console.label_event (event_id),
  txid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT label_event_changes_something CHECK (before <> after),
  CONSTRAINT label_event_undo_names_its_event CHECK ((action = 'undo') = (undoes IS NOT NULL))
);

CREATE INDEX label_event_of_title ON console.label_event (imdb_id, event_id DESC);
CREATE INDEX label_event_latest ON console.label_event (at DESC, event_id DESC);

CREATE FUNCTION console.refuse_rewrite() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '%.% is append-only: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation', HINT = 'Correct an event by writing a new one.';
END
$$;

CREATE TRIGGER label_event_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON console.label_event
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.refuse_rewrite();

COMMENT ON TABLE console.label_event IS
  'One row per write of ours that changed a title''s label or flags; append-only';
COMMENT ON COLUMN console.label_event.actor_verified IS
  'true: actor is the name of an API key; false: what the caller said of itself';
COMMENT ON COLUMN console.label_event.before IS 'label, human_labeled, anomalous and reviewed as they were';
COMMENT ON COLUMN console.label_event.after IS 'label, human_labeled, anomalous and reviewed as they became';
COMMENT ON COLUMN console.label_event.decision_ms IS
  'Milliseconds from the title being shown to the decision, as the client measured them';
COMMENT ON COLUMN console.label_event.shown IS 'What the person had before their eyes when deciding, as the client tells it';
COMMENT ON COLUMN console.label_event.undoes IS 'The event that this one takes back; each at most once';
COMMENT ON COLUMN console.label_event.txid IS
  'The writing transaction. Event ids commit out of order: deliver by (txid, event_id), and only rows whose txid is below pg_snapshot_xmin(pg_current_snapshot())';
