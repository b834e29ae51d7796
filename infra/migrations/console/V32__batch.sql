-- Batches of the file pipeline: files that go to the device and into the archive together. See infra/adr/0026-files.md.
CREATE TABLE console.batch (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL UNIQUE,
  status       text NOT NULL DEFAULT 'PENDING',
  failed_in    text,
  reason       text CHECK (reason <> ''),
  file_count   integer NOT NULL CHECK (file_count >= 0),
  size_bytes   bigint NOT NULL CHECK (size_bytes >= 0),
  manifest     jsonb NOT NULL CHECK (jsonb_typeof(manifest) = 'object'),
  settings     jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
  directory_id bigint NOT NULL UNIQUE REFERENCES console.file_directory (id),
  made_by      uuid,
  undone_by    uuid,
  created_at   timestamptz NOT NULL DEFAULT now(),
  ready_at     timestamptz,
  synced_at    timestamptz,
  sorted_at    timestamptz,
  cleaned_at   timestamptz,
  undone_at    timestamptz,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT batch_name_is_no_id CHECK (
    name ~ '[^0-9]' AND name !~ '^[.~]' AND position('/' IN name) = 0 AND octet_length(name) <= 255 AND name <> 'refresh'
  ),
  CONSTRAINT batch_has_a_status
    CHECK (status IN ('PENDING', 'SYNCING', 'SYNCED', 'SORTING', 'SORTED', 'CLEANED', 'ERROR')),
  CONSTRAINT batch_error_has_a_reason CHECK (status <> 'ERROR' OR reason IS NOT NULL),
  CONSTRAINT batch_error_was_at_work
    CHECK ((status = 'ERROR') = (failed_in IS NOT NULL) AND failed_in IN ('SYNCING', 'SORTING')),
  CONSTRAINT batch_at_work_is_ready CHECK (status IN ('PENDING', 'CLEANED', 'ERROR', 'SYNCED') OR ready_at IS NOT NULL),
  -- Its manifest stays here when the file is removed.
  CONSTRAINT batch_cleaned_keeps_its_manifest
    CHECK ((status = 'CLEANED') = (cleaned_at IS NOT NULL) AND (status <> 'CLEANED' OR manifest ? 'files')),
  CONSTRAINT batch_undone_is_cleaned CHECK (undone_at IS NULL OR status = 'CLEANED')
);

CREATE INDEX batch_status ON console.batch (status, id);
CREATE INDEX batch_latest ON console.batch (created_at DESC, id DESC);
CREATE INDEX batch_made_by ON console.batch (made_by) WHERE made_by IS NOT NULL;
CREATE INDEX batch_not_ready ON console.batch (id) WHERE ready_at IS NULL AND status <> 'CLEANED';

CREATE TABLE console.batch_file (
  batch_id     bigint NOT NULL REFERENCES console.batch (id) ON DELETE CASCADE,
  position     integer NOT NULL CHECK (position >= 0),
  file_id      bigint REFERENCES console.file (id) ON DELETE SET NULL,
  companions   integer NOT NULL CHECK (companions >= 0),
  source       bytea NOT NULL CHECK (source <> ''),
  path         text NOT NULL CHECK (path <> '' AND path !~ '(^|/)(\.\.?)?(/|$)'),
  size         bigint NOT NULL CHECK (size >= 0),
  mtime_ns     bigint NOT NULL,
  sha256       bytea CHECK (length(sha256) = 32),
  state        text NOT NULL DEFAULT 'PLANNED',
  confirmed_at timestamptz,
  error        text CHECK (error <> ''),
  PRIMARY KEY (batch_id, position),
  UNIQUE (batch_id, path),
  CONSTRAINT batch_file_has_a_state
    CHECK (state IN ('PLANNED', 'BATCHED', 'SYNCED', 'SORTED', 'DUPLICATE', 'ERROR', 'LEFT')),
  CONSTRAINT batch_file_error_has_a_reason CHECK (state NOT IN ('ERROR', 'LEFT') OR error IS NOT NULL),
  CONSTRAINT batch_file_synced_is_confirmed CHECK (state <> 'SYNCED' OR confirmed_at IS NOT NULL)
);

CREATE INDEX batch_file_state ON console.batch_file (batch_id, state, position);
CREATE INDEX batch_file_of_file ON console.batch_file (file_id) WHERE file_id IS NOT NULL;
CREATE INDEX batch_file_unconfirmed ON console.batch_file (batch_id, position) WHERE confirmed_at IS NULL AND state <> 'LEFT';

ALTER TABLE console.file ADD CONSTRAINT file_has_a_batch FOREIGN KEY (batch_id) REFERENCES console.batch (id);

-- What a sync of a batch saw, each time its state or its percentage changed.
CREATE TABLE console.sync_snapshot (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch_id     bigint NOT NULL REFERENCES console.batch (id) ON DELETE CASCADE,
  at           timestamptz NOT NULL DEFAULT now(),
  state        text NOT NULL CHECK (state <> ''),
  percent      real NOT NULL CHECK (percent BETWEEN 0 AND 100),
  needed_bytes bigint NOT NULL CHECK (needed_bytes >= 0),
  needed_items integer NOT NULL CHECK (needed_items >= 0),
  said         jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(said) = 'object')
);

CREATE INDEX sync_snapshot_of_batch ON console.sync_snapshot (batch_id, id);

-- The history of a batch: a row for each change of its state or its reason, by any client of the database.
CREATE TABLE console.batch_change (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch_id bigint NOT NULL REFERENCES console.batch (id) ON DELETE CASCADE,
  at       timestamptz NOT NULL DEFAULT now(),
  status   text NOT NULL,
  is_ready boolean NOT NULL,
  reason   text
);

CREATE INDEX batch_change_of_batch ON console.batch_change (batch_id, id);

CREATE FUNCTION console.note_batch_state() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO console.batch_change (batch_id, status, is_ready, reason)
  VALUES (NEW.id, NEW.status, NEW.ready_at IS NOT NULL, NEW.reason);
  RETURN NULL;
END
$$;

CREATE TRIGGER batch_begun AFTER INSERT ON console.batch
  FOR EACH ROW EXECUTE FUNCTION console.note_batch_state();
CREATE TRIGGER batch_moved AFTER UPDATE ON console.batch
  FOR EACH ROW WHEN (
    (OLD.status, OLD.reason, OLD.ready_at IS NULL) IS DISTINCT FROM (NEW.status, NEW.reason, NEW.ready_at IS NULL)
  )
  EXECUTE FUNCTION console.note_batch_state();

-- An event for each statement that changed batches, by any client of the database.
CREATE FUNCTION console.note_batch_change() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM changed) THEN
    INSERT INTO console.event (type, imdb_ids, hashes, payload)
    VALUES ('batch.changed', '{}', '{}', jsonb_build_object('operation', lower(TG_OP)));
    PERFORM pg_notify('console_event', '');
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER batch_inserted AFTER INSERT ON console.batch
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION console.note_batch_change();
CREATE TRIGGER batch_updated AFTER UPDATE ON console.batch
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION console.note_batch_change();
CREATE TRIGGER sync_snapshot_inserted AFTER INSERT ON console.sync_snapshot
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION console.note_batch_change();

COMMENT ON TABLE console.batch IS 'Files that go to the device and into the archive together';
COMMENT ON COLUMN console.batch.name IS 'Also of its directory; no two batches ever have the same';
COMMENT ON COLUMN console.batch.failed_in IS 'The state in which it failed, to which it goes back';
COMMENT ON COLUMN console.batch.reason IS 'Why it has its state, such as an error';
COMMENT ON COLUMN console.batch.file_count IS 'Files that are in it, or were when it was finished';
COMMENT ON COLUMN console.batch.manifest IS 'What manifest.json in its directory has';
COMMENT ON COLUMN console.batch.settings IS 'The configuration that it began with';
COMMENT ON COLUMN console.batch.directory_id IS 'Its directory, in the staging directory and later in that of batches';
COMMENT ON COLUMN console.batch.made_by IS 'The run that moved its files';
COMMENT ON COLUMN console.batch.undone_by IS 'The run that began to take it back last';
COMMENT ON COLUMN console.batch.ready_at IS 'When its directory got its place among the batches; null: it is in the staging directory';
COMMENT ON COLUMN console.batch.undone_at IS 'When its files were back where they came from';
COMMENT ON TABLE console.batch_file IS 'A file of a batch: the manifest, and what has become of the file';
COMMENT ON COLUMN console.batch_file.companions IS 'The same for files that move together';
COMMENT ON COLUMN console.batch_file.source IS 'Its path below the inbox, with the original bytes';
COMMENT ON COLUMN console.batch_file.path IS 'Its path below the directory of the batch';
COMMENT ON COLUMN console.batch_file.state IS 'LEFT: it is not in the batch, because it stayed where it was or went back';
COMMENT ON COLUMN console.batch_file.confirmed_at IS 'When the device confirmed that it has it';
COMMENT ON COLUMN console.batch_file.error IS 'Why it stays behind';
COMMENT ON TABLE console.sync_snapshot IS 'What a sync of a batch saw';
COMMENT ON COLUMN console.sync_snapshot.said IS 'The part of the reply of Syncthing that matters';
COMMENT ON TABLE console.batch_change IS 'The states that a batch had, written by a trigger';
