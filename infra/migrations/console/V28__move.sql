-- The journal of the file pipeline: each move of a file, committed before the disk is touched. See infra/adr/0026-files.md.
CREATE TABLE console.move (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key               uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  companions        uuid NOT NULL,
  run_id            uuid,
  file_id           bigint REFERENCES console.file (id) ON DELETE SET NULL,
  from_directory_id bigint NOT NULL REFERENCES console.file_directory (id),
  from_name         bytea NOT NULL,
  to_directory_id   bigint NOT NULL REFERENCES console.file_directory (id),
  to_name           bytea NOT NULL,
  stem              smallint CHECK (stem > 0),
  size              bigint NOT NULL CHECK (size >= 0),
  mtime_ns          bigint NOT NULL,
  inode             bigint NOT NULL,
  sha256            bytea CHECK (length(sha256) = 32),
  copied_inode      bigint,
  copied_sha256     bytea CHECK (length(copied_sha256) = 32),
  undoes            bigint REFERENCES console.move (id),
  state             text NOT NULL DEFAULT 'planned'
    CHECK (state IN ('planned', 'done', 'given_up', 'missing', 'undone')),
  reason            text CHECK (reason <> ''),
  planned_at        timestamptz NOT NULL DEFAULT now(),
  ended_at          timestamptz,
  CONSTRAINT move_goes_elsewhere CHECK ((from_directory_id, from_name) <> (to_directory_id, to_name)),
  CONSTRAINT move_copy_has_a_hash CHECK ((copied_inode IS NULL) = (copied_sha256 IS NULL)),
  CONSTRAINT move_ends_with_a_state CHECK ((state = 'planned') = (ended_at IS NULL)),
  CONSTRAINT move_planned_has_a_file CHECK (state <> 'planned' OR file_id IS NOT NULL),
  CONSTRAINT move_name_is_one CHECK (
    from_name NOT IN ('', '.', '..') AND to_name NOT IN ('', '.', '..')
    AND position('\x2f'::bytea IN from_name) = 0 AND position('\x2f'::bytea IN to_name) = 0
    AND position('\x00'::bytea IN from_name) = 0 AND position('\x00'::bytea IN to_name) = 0
  )
);

-- A file has one open plan, and a place is the target of one.
CREATE UNIQUE INDEX move_planned_file ON console.move (file_id) WHERE state = 'planned';
CREATE UNIQUE INDEX move_planned_place ON console.move (to_directory_id, to_name) WHERE state = 'planned';
CREATE INDEX move_planned_from ON console.move (from_directory_id) WHERE state = 'planned';
CREATE INDEX move_of_file ON console.move (file_id, id) WHERE file_id IS NOT NULL;
CREATE INDEX move_of_run ON console.move (run_id, id) WHERE run_id IS NOT NULL;
CREATE INDEX move_undoes ON console.move (undoes) WHERE undoes IS NOT NULL;

COMMENT ON TABLE console.move IS 'What moves, and what has moved; a planned move is carried out or taken back, also after a crash';
COMMENT ON COLUMN console.move.key IS 'In the names of its temporary files, because ids begin again with an older database';
COMMENT ON COLUMN console.move.companions IS 'Moves that happen together or not at all';
COMMENT ON COLUMN console.move.to_name IS 'With a number if the wanted name was taken';
COMMENT ON COLUMN console.move.stem IS 'Bytes of the name before the number';
COMMENT ON COLUMN console.move.mtime_ns IS 'As it was planned; nanoseconds, clamped to 64 bits';
COMMENT ON COLUMN console.move.inode IS 'As it was planned; unsigned 64 bits as signed ones';
COMMENT ON COLUMN console.move.copied_inode IS 'Of the finished copy under its temporary name, on another file system';
COMMENT ON COLUMN console.move.undoes IS 'The move that this one takes back';
COMMENT ON COLUMN console.move.reason IS 'Why it was given up';
