-- Files of the file pipeline: roots, directories, and one row per place. See infra/adr/0026-files.md.
CREATE TABLE console.file_root (
  id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL UNIQUE CHECK (name <> ''),
  path         bytea NOT NULL CHECK (substr(path, 1, 1) = '\x2f'),
  marker       uuid NOT NULL UNIQUE,
  marker_inode bigint NOT NULL,
  counter      bigint NOT NULL DEFAULT 0 CHECK (counter >= 0),
  held         text CHECK (held <> ''),
  created_at   timestamptz NOT NULL DEFAULT now(),
  scanned_at   timestamptz
);

CREATE TABLE console.file_directory (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  root_id   integer NOT NULL REFERENCES console.file_root (id),
  parent_id bigint,
  name      bytea NOT NULL,
  digest    bytea CHECK (length(digest) = 32),
  UNIQUE (id, root_id),
  UNIQUE (parent_id, name),
  -- A directory and what is below it are of one root.
  CONSTRAINT file_directory_parent FOREIGN KEY (parent_id, root_id)
    REFERENCES console.file_directory (id, root_id) ON UPDATE CASCADE,
  CONSTRAINT file_directory_has_a_name CHECK (
    CASE WHEN parent_id IS NULL THEN name = ''
      ELSE name NOT IN ('', '.', '..') AND length(name) <= 1020
        AND position('\x2f'::bytea IN name) = 0 AND position('\x00'::bytea IN name) = 0
    END
  )
);

-- That of the root itself.
CREATE UNIQUE INDEX file_directory_top ON console.file_directory (root_id) WHERE parent_id IS NULL;

CREATE TABLE console.file (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  directory_id    bigint REFERENCES console.file_directory (id),
  name            bytea,
  size            bigint NOT NULL CHECK (size >= 0),
  mtime_ns        bigint NOT NULL,
  ctime_ns        bigint NOT NULL,
  inode           bigint NOT NULL,
  links           integer NOT NULL DEFAULT 1 CHECK (links >= 0),
  kind            text NOT NULL CHECK (kind IN ('photo', 'raw', 'video', 'sidecar', 'other')),
  head            bytea CHECK (length(head) = 32),
  sha256          bytea CHECK (length(sha256) = 32),
  is_unverified   boolean NOT NULL DEFAULT false,
  captured_at     timestamp,
  captured_offset smallint CHECK (captured_offset BETWEEN -1080 AND 1080),
  captured_from   text,
  captured_raw    text,
  width           integer CHECK (width > 0),
  height          integer CHECK (height > 0),
  duration        double precision CHECK (duration >= 0),
  status          text NOT NULL DEFAULT 'NEW',
  status_before   text,
  duplicate_of    bigint REFERENCES console.file (id),
  group_id        bigint REFERENCES console.file (id),
  batch_id        bigint,
  error           text,
  found_at        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT file_has_a_status
    CHECK (status IN ('NEW', 'UNIQUE', 'DUPLICATE', 'ERROR', 'BATCHED', 'SYNCED', 'SORTED', 'ARCHIVED', 'MISSING')),
  CONSTRAINT file_has_a_place CHECK (
    CASE WHEN directory_id IS NULL THEN name IS NULL AND status = 'MISSING'
      ELSE name IS NOT NULL AND name NOT IN ('', '.', '..') AND length(name) <= 1020
        AND position('\x2f'::bytea IN name) = 0 AND position('\x00'::bytea IN name) = 0
    END
  ),
  CONSTRAINT file_missing_had_a_status CHECK (
    (status = 'MISSING') = (status_before IS NOT NULL)
    AND status_before IN ('NEW', 'UNIQUE', 'DUPLICATE', 'ERROR', 'BATCHED', 'SYNCED', 'SORTED', 'ARCHIVED')
  ),
  CONSTRAINT file_duplicate_has_a_keeper CHECK ((status = 'DUPLICATE') = (duplicate_of IS NOT NULL) AND duplicate_of <> id),
  CONSTRAINT file_duplicate_has_a_hash CHECK (status <> 'DUPLICATE' OR sha256 IS NOT NULL),
  CONSTRAINT file_error_has_a_message CHECK ((status = 'ERROR') = (error IS NOT NULL)),
  CONSTRAINT file_on_its_way_has_a_batch CHECK (status NOT IN ('BATCHED', 'SYNCED') OR batch_id IS NOT NULL),
  CONSTRAINT file_group_is_named_by_another CHECK (group_id <> id),
  CONSTRAINT file_capture_has_a_source CHECK ((captured_at IS NULL) = (captured_from IS NULL))
);

-- A place has one row.
CREATE UNIQUE INDEX file_place ON console.file (directory_id, name);
-- Candidates for duplicates: sizes with more than one inode.
CREATE INDEX file_size ON console.file (size, inode);
CREATE INDEX file_sha256 ON console.file (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX file_status ON console.file (status, id);
CREATE INDEX file_duplicate_of ON console.file (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX file_group ON console.file (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX file_batch ON console.file (batch_id, id) WHERE batch_id IS NOT NULL;
CREATE INDEX file_unverified ON console.file (id) WHERE is_unverified;

COMMENT ON TABLE console.file_root IS 'A directory with a marker file, below which files are found and moved';
COMMENT ON COLUMN console.file_root.path IS 'Where it was found last; names are bytes';
COMMENT ON COLUMN console.file_root.marker IS 'The id in its marker file: a root is its marker, not its path';
COMMENT ON COLUMN console.file_root.marker_inode IS 'Another one is a copy of the tree, or a new disk. Unsigned 64 bits as signed ones';
COMMENT ON COLUMN console.file_root.counter IS 'Raised here, then in the marker, by each process that takes the lock of the root';
COMMENT ON COLUMN console.file_root.held IS 'Why nothing is done in it until a person decides';
COMMENT ON COLUMN console.file_root.scanned_at IS 'When a scan saw all of it last';
COMMENT ON TABLE console.file_directory IS 'A directory below a root; renaming it changes one row';
COMMENT ON COLUMN console.file_directory.digest IS 'Of its entries at the last scan. Whoever writes another place, MISSING or ERROR clears it';
COMMENT ON TABLE console.file IS 'A file that was found, where it is now';
COMMENT ON COLUMN console.file.directory_id IS 'Null: a missing file whose place another one has';
COMMENT ON COLUMN console.file.mtime_ns IS 'Nanoseconds; clamped to 64 bits';
COMMENT ON COLUMN console.file.inode IS 'Unsigned 64 bits as signed ones';
COMMENT ON COLUMN console.file.head IS 'sha256 of its first and last 64 KiB; of all of it up to 128 KiB';
COMMENT ON COLUMN console.file.is_unverified IS 'ctime or inode changed since it was hashed: the content is to be compared with sha256';
COMMENT ON COLUMN console.file.captured_at IS 'Local wall clock';
COMMENT ON COLUMN console.file.captured_offset IS 'Minutes east of UTC';
COMMENT ON COLUMN console.file.captured_from IS 'The tag, or mtime';
COMMENT ON COLUMN console.file.status_before IS 'What a missing file was';
COMMENT ON COLUMN console.file.duplicate_of IS 'The file with the same content that goes on';
COMMENT ON COLUMN console.file.group_id IS 'The file that names its group of companions; that one has null, like a file without companions';
